//! Replays the corpora and the inputs that failed once.

use fuzz_bodies::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn the_corpora_break_nothing() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for kind in ["corpus", "regressions"] {
        let Ok(folders) = fs::read_dir(fuzz.join(kind)) else {
            assert_eq!(kind, "regressions", "the corpora lie in {}", fuzz.display());
            continue;
        };
        for folder in folders {
            let name = folder.unwrap().file_name().into_string().unwrap();
            assert!(names.contains(&name), "{kind}/{name} belongs to no target");
        }
    }
    for (name, body) in TARGETS {
        let mut replayed = 0;
        for kind in ["corpus", "regressions"] {
            let Ok(files) = fs::read_dir(fuzz.join(kind).join(name)) else { continue };
            for file in files {
                let path = file.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                let result = std::panic::catch_unwind(|| body(&bytes));
                assert!(result.is_ok(), "{}", path.display());
                replayed += 1;
            }
        }
        println!("{name}: {replayed} inputs");
        assert!(replayed > 0, "{name} has no corpus");
    }
}
