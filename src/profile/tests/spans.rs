//! Spans and instants of this crate's own.

use super::*;
use std::thread;

#[test]
fn spans_are_nested() {
    let profiler = Profiler::new();
    let events = traced(&profiler, || {
        for step in 0..3 {
            let _step =
                profiler.span("step").with_field("number", step).with_field("kind", "train");
            drop(profiler.span("load"));
            let _forward = profiler.span("forward");
            drop(profiler.span("layer"));
        }
    });
    assert_eq!(names(&events), ["step", "load", "forward", "layer"].repeat(3));
    for (number, step) in events.chunks(4).enumerate() {
        let [step, load, forward, layer] = step else { panic!("chunks of 4") };
        assert_eq!(step.field("number").unwrap(), number.to_string());
        assert_eq!(step.field("kind"), Some("train"));
        assert!(step.contains(load) && step.contains(forward) && forward.contains(layer));
        assert!(load.end <= forward.start);
    }
    assert!(events.windows(2).all(|pair| pair[0].start <= pair[1].start));
}

#[test]
fn values_of_all_kinds_are_recorded() {
    let profiler = Profiler::new();
    let long = "é".repeat(1000);
    let events = traced(&profiler, || {
        drop(
            profiler
                .span("all")
                .with_field("i8", -1i8)
                .with_field("u64", u64::MAX)
                .with_field("f32", 0.5f32)
                .with_field("bool", true)
                .with_field("text", &long),
        );
    });
    let values: Vec<&str> = events[0].fields.iter().map(|(_, value)| &value[..]).collect();
    assert_eq!(values[..4], ["-1", &u64::MAX.to_string(), "0.5", "true"]);
    assert_eq!(values[4], &long[..1024]);
}

#[test]
fn spans_that_end_in_another_order_are_drawn_on_lines_of_their_own() {
    let profiler = Profiler::builder().chrome_json(true).build();
    let dir = tempfile::tempdir().unwrap();
    let trace = profiler.start(dir.path()).unwrap();
    let first = profiler.span("first");
    drop(profiler.span("in first"));
    let second = profiler.span("second");
    drop(profiler.span("in second"));
    let third = profiler.span("third");
    drop(first);
    drop(profiler.span("in third"));
    drop(second);
    drop(third);
    drop(profiler.span("after"));
    let path = trace.stop().unwrap();

    let events = events(&path);
    let thread = thread::current().name().unwrap().to_owned();
    let expected = [
        ("first", 1),
        ("in first", 1),
        ("after", 1),
        ("second", 2),
        ("in second", 2),
        ("third", 3),
        ("in third", 3),
    ];
    let line = |number| if number == 1 { thread.clone() } else { format!("{thread} ({number})") };
    let expected = expected.map(|(name, number)| (name, line(number)));
    let found: Vec<_> = events.iter().map(|event| (&event.name[..], event.line.clone())).collect();
    assert_eq!(found, expected);
    // The times are those of the calls.
    let [first, _, after, second, _, third, _] = &events[..] else { panic!("seven spans") };
    assert!(first.start <= second.start && second.start <= third.start);
    assert!(first.end <= second.end && second.end <= third.end && third.end <= after.start);

    // Neither file has two spans of a line that cross.
    let json = fs::read(path.with_extension("").with_extension("trace.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let spans = json["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X");
    let times = |event: &serde_json::Value| {
        let [start, duration] = ["ts", "dur"].map(|key| event[key].as_f64().unwrap());
        (event["tid"].as_i64().unwrap(), start, start + duration)
    };
    let in_json: Vec<_> = spans.map(times).collect();
    assert_eq!(in_json.len(), 8);
    let in_xplane: Vec<_> = events
        .iter()
        .map(|event| (event.line_id, event.start as f64 / 1e6, event.end as f64 / 1e6))
        .collect();
    for spans in [in_json, in_xplane] {
        for (line, start, end) in &spans {
            for (other, from, to) in &spans {
                let crosses = start < from && from + 1e-5 < *end && *end + 1e-5 < *to;
                assert!(line != other || !crosses, "{start}..{end} and {from}..{to} on {line}");
            }
        }
    }
}

#[test]
fn instants_have_no_duration() {
    let profiler = Profiler::new();
    profiler.instant("before");
    let events = traced(&profiler, || {
        let _span = profiler.span("span");
        profiler.instant("instant");
    });
    assert_eq!(names(&events), ["span", "instant"]);
    assert!(events[0].contains(&events[1]) && events[1].start == events[1].end);
}

#[test]
fn each_thread_is_a_line_with_its_name() {
    let profiler = Profiler::new();
    let named = |name: &str| {
        let profiler = profiler.clone();
        let run = move || drop(profiler.span("work"));
        thread::Builder::new().name(name.to_owned()).spawn(run).unwrap().join().unwrap();
    };
    let events = traced(&profiler, || {
        // They have ended when the trace stops. Two have the same name.
        ["loader", "worker", "worker"].into_iter().for_each(named);
        let unnamed = profiler.clone();
        thread::spawn(move || drop(unnamed.span("work"))).join().unwrap();
        drop(profiler.span("work"));
    });
    let lines: Vec<&str> = events.iter().map(|event| &event.line[..]).collect();
    assert_eq!(lines[..3], ["loader", "worker", "worker"]);
    assert!(lines[3].starts_with("thread "), "{lines:?}");
    assert_eq!(lines[4], thread::current().name().unwrap());
    let mut ids: Vec<i64> = events.iter().map(|event| event.line_id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 5);

    // A second trace does not contain them again.
    let events = traced(&profiler, || drop(profiler.span("alone")));
    assert_eq!(names(&events), ["alone"]);
}

#[test]
fn profilers_do_not_see_each_other() {
    let (one, two) = (Profiler::new(), Profiler::new());
    let events = traced(&one, || {
        let _one = one.span("one");
        let _two = two.span("two");
        one.instant("instant");
    });
    assert_eq!(names(&events), ["one", "instant"]);
    drop(two);
    drop(Profiler::new().span("three"));
    assert_eq!(names(&traced(&one, || drop(one.span("one")))), ["one"]);
}

#[test]
fn spans_in_thread_local_destructors_do_not_panic() {
    struct AtExit(Profiler);
    impl Drop for AtExit {
        fn drop(&mut self) {
            drop(self.0.span("at exit").with_field("number", 1));
            self.0.instant("at exit");
        }
    }
    thread_local!(static AT_EXIT: std::cell::Cell<Option<AtExit>> = const { std::cell::Cell::new(None) });
    let profiler = Profiler::new();
    let events = traced(&profiler, || {
        let profiler = profiler.clone();
        let run = move || {
            AT_EXIT.set(Some(AtExit(profiler.clone())));
            drop(profiler.span("work"));
        };
        thread::spawn(run).join().unwrap();
    });
    // The order in which thread-local data are destroyed is not specified.
    assert_eq!(names(&events)[0], "work");
}
