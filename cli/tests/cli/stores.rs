//! Log directories in an object store.

#[cfg(feature = "aws")]
mod s3 {
    use crate::s3::S3;
    use crate::{Ran, command, ran, tfevents, write_run};
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant};
    use tfevents::SummaryWriter;

    fn on_s3(s3: &S3, dir: &Path, args: &[&str]) -> Command {
        let mut command = command(dir, args);
        command.envs(s3.environment());
        command
    }

    fn run(s3: &S3, dir: &Path, args: &[&str]) -> Ran {
        ran(on_s3(s3, dir, args).output().unwrap())
    }

    /// Writes two runs, one of them with characters that URLs escape.
    fn write_runs(dir: &Path) {
        for name in ["a", "b é%[1]"] {
            write_run(&dir.join("logs").join(name), |writer| {
                for step in 0..50 {
                    writer.add_scalar("loss", 1.0 / (step + 1) as f32, step);
                    writer.add_text("note", "*some* text", step);
                }
            });
        }
    }

    #[test]
    fn a_store_is_read_like_a_disk() {
        let s3 = S3::start();
        let dir = tempfile::tempdir().unwrap();
        write_runs(dir.path());
        let url = "s3://runs/experiments";
        let mirrored = run(&s3, dir.path(), &["mirror", "--once", "logs", url]);
        assert_eq!((mirrored.status, mirrored.stderr.as_str()), (0, ""));
        for arguments in [
            &["export", "--format", "jsonl"][..],
            &["export", "--wide", "--steps", "10..20"],
            &["reduce", "--ops", "mean,std", "--format", "csv"],
            &["show", "-t", "loss", "-1"],
            // It draws once, because this is no terminal.
            &["watch", "-t", "loss"],
            &["extract", "-t", "note", "--force", "-o", "out"],
            &["ls", "-l"],
        ] {
            let of = |dir_or_url: &str| {
                let mut arguments = arguments.to_vec();
                arguments.push(dir_or_url);
                let ran = run(&s3, dir.path(), &arguments);
                assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.stderr);
                ran.stdout
            };
            let local = of("logs");
            // Files in the store have a name more, and their own time.
            if arguments[0] == "ls" {
                assert!(of(url).contains("b é%[1]"), "{}", of(url));
            } else {
                assert_eq!(of(url), local);
            }
        }
        let json = run(&s3, dir.path(), &["ls", "--json", url]).stdout;
        assert!(json.contains(r#""run":"a","path":"s3://runs/experiments/a""#), "{json}");
        let verified = run(&s3, dir.path(), &["verify", url]);
        assert_eq!(verified.status, 0, "{}", verified.stdout);
        // Several directories, one of them here.
        let both = run(&s3, dir.path(), &["ls", "logs", url]).stdout;
        assert!(both.contains("s3://runs/experiments/a") && both.contains("logs"), "{both}");
    }

    #[test]
    fn a_run_in_a_store_is_compacted() {
        let s3 = S3::start();
        let dir = tempfile::tempdir().unwrap();
        for first in [0, 5] {
            let writer = SummaryWriter::new(dir.path().join("logs")).unwrap();
            (first..first + 10).for_each(|step| writer.add_scalar("loss", 0.5, step));
            writer.close().unwrap();
        }
        let url = "s3://runs/experiments/a";
        assert_eq!(run(&s3, dir.path(), &["mirror", "--once", "logs", url]).status, 0);
        let points = |raw: &[&str]| {
            let exported = run(&s3, dir.path(), &[&["export", url], raw].concat());
            exported.stdout.lines().count() - 1
        };
        assert_eq!((points(&[]), points(&["--raw"])), (15, 20));
        let compacted = run(&s3, dir.path(), &["compact", url]);
        assert_eq!(compacted.status, 0, "{}", compacted.stderr);
        assert!(compacted.stdout.contains("15 values kept, 5 dropped"), "{}", compacted.stdout);
        assert_eq!(points(&[]), 15);
        // The new object, and the last old one, at whose end a TensorBoard may be.
        let objects = s3.objects.lock().unwrap();
        assert_eq!(objects.keys().filter(|key| key.contains("tfevents")).count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_mirror_follows_until_it_is_interrupted() {
        let s3 = S3::start();
        let dir = tempfile::tempdir().unwrap();
        write_runs(dir.path());
        let url = "s3://runs/experiments";
        let mut mirror = on_s3(&s3, dir.path(), &["mirror", "logs", url]);
        let mirror = mirror.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while s3.objects.lock().unwrap().len() < 2 {
            assert!(Instant::now() < end, "nothing is uploaded");
            std::thread::sleep(Duration::from_millis(20));
        }
        write_run(&dir.path().join("logs/later"), |writer| writer.add_scalar("loss", 0.25, 7));
        let signal = Command::new("kill").args(["-INT", &mirror.id().to_string()]).status();
        assert!(signal.unwrap().success());
        let ended = ran(mirror.wait_with_output().unwrap());
        assert_eq!(ended.status, 0, "{}", ended.stderr);
        assert!(ended.stderr.contains("uploading the rest"), "{}", ended.stderr);
        let all = tfevents(dir.path(), &["export", "logs"]).stdout;
        assert_eq!(run(&s3, dir.path(), &["export", url]).stdout, all);
    }

    /// In a pseudo-terminal: what is uploaded after a run was read appears on the screen.
    #[cfg(unix)]
    #[test]
    fn watch_follows_a_store() {
        let s3 = S3::start();
        let dir = tempfile::tempdir().unwrap();
        let url = "s3://runs/experiments";
        let writer = SummaryWriter::new(dir.path().join("logs/live")).unwrap();
        let upload = |tag: &str| {
            writer.add_scalar(tag, 0.5, 0);
            writer.flush().unwrap();
            let mirrored = run(&s3, dir.path(), &["mirror", "--once", "logs", url]);
            assert_eq!((mirrored.status, mirrored.stderr.as_str()), (0, ""));
        };
        upload("loss");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal/run.py");
        let mut terminal = Command::new("python3");
        terminal.arg(script).args(["printed", r#"[["loss", ""], ["accuracy", "q"]]"#]);
        terminal.args([env!("CARGO_BIN_EXE_tfevents"), "watch", url]);
        terminal.current_dir(dir.path()).envs(s3.environment()).env("TERM", "xterm-256color");
        let before = s3.requests.load(Ordering::Relaxed);
        let terminal = terminal.stdout(Stdio::piped()).spawn().unwrap();
        // It asks again after ten seconds only.
        let (end, mut last, mut since) =
            (Instant::now() + Duration::from_secs(60), before, Instant::now());
        while last == before || since.elapsed() < Duration::from_secs(2) {
            assert!(Instant::now() < end, "nothing is read");
            std::thread::sleep(Duration::from_millis(20));
            let requests = s3.requests.load(Ordering::Relaxed);
            if requests != last {
                (last, since) = (requests, Instant::now());
            }
        }
        upload("accuracy");
        let ended = ran(terminal.wait_with_output().unwrap());
        assert_eq!((ended.status, ended.stdout.as_str()), (0, ""));
    }

    #[test]
    fn errors_have_the_url_and_what_to_do() {
        let s3 = S3::start();
        let dir = tempfile::tempdir().unwrap();
        write_runs(dir.path());
        for (arguments, expected) in [
            (&["ls", "s3://runs"][..], "invalid location s3://runs: it has no prefix"),
            (&["ls", "ftp://host/runs"], "invalid URL ftp://host/runs: it has an unknown scheme"),
            (&["ls", "s3://runs/nothing"], "nothing"),
            (&["edit", "s3://runs/a", "-o", "b"], "expected one on a local disk"),
            (&["verify", "--repair", "-o", "b", "s3://runs/a"], "expected one on a local disk"),
            (&["mirror", "--once", "no", "s3://runs/a"], "no is not a directory"),
            (&["mirror", "--once", "logs", "s3://other/a"], "s3://other/a"),
            (&["mirror", "--once", "logs", "s3://other/a"], "NoSuchBucket"),
        ] {
            let failed = run(&s3, dir.path(), arguments);
            assert_eq!(failed.status, 2, "{arguments:?}");
            assert!(failed.stderr.contains(expected), "{arguments:?}: {}", failed.stderr);
            assert_eq!(failed.stderr.lines().count(), 1, "{}", failed.stderr);
        }
    }
}

#[cfg(not(feature = "stores"))]
#[test]
fn a_url_needs_a_feature() {
    let failed = crate::tfevents(std::path::Path::new("."), &["ls", "s3://bucket/runs"]);
    assert_eq!(failed.status, 2);
    let expected = "cannot read s3://bucket/runs: it needs one of the features aws, azure and gcp";
    assert!(failed.stderr.contains(expected), "{}", failed.stderr);
}
