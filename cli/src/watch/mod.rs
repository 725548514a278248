//! `watch`: live curves in the terminal.
//!
//! | module | contents |
//! |---|---|
//! | `loader` | a thread that reads runs while they grow |
//! | `model` | runs and tags, sorted and filtered |
//! | `app` | the state of the screen: page, view, filters, cursor |
//! | `keys` | keys and mouse, which change the state |
//! | `screen`, `sidebar`, `panels`, `help`, `pixels`, `plots`, `texts` | state and data as a grid of cells |
//! | `hits` | the places of elements, for the mouse |
//! | `graphics` | images by the protocols of Kitty and iTerm2, and sixel |
//! | `terminal` | the grid on a terminal, which is left as it was found |
//! | `save` | SVG, CSV and the command |

mod app;
mod filter;
mod graphics;
mod help;
mod hits;
mod keys;
mod loader;
mod model;
mod panels;
mod pixels;
mod plots;
mod save;
mod screen;
mod sidebar;
mod terminal;
mod texts;

use crate::commands::show::charts::Loaded;
use crate::commands::show::{self, Look};
use crate::draw::ColorSupport;
use crate::logdirs;
use crate::outcome::{Outcome, Result};
use crate::output;
use crate::selection::{Dirs, Filter, Range};
use anyhow::Context;
use app::{App, PromptKind};
use graphics::Protocol;
use hits::Hits;
use keys::{Action, Drag};
use loader::{Loader, Shared};
use model::Model;
use plots::Plots;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use regex::Regex;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use terminal::Screen;

/// Watch curves, histograms, images, texts and hyperparameters live, in the terminal
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Keys: q quits, ? shows all keys, 1-6 kinds of data, r and t filter, s saves what is seen.
Not on a terminal it draws plain charts once, as show does.

Examples:
  tfevents watch logs
  tfevents watch logs -t loss --smoothing 0.9 --log-y")]
pub(crate) struct Args {
    /// Log directory, run or event file
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// Only runs whose name matches, anywhere
    #[arg(short, long, value_name = "REGEX")]
    run: Option<Regex>,
    /// Only tags that match, anywhere
    #[arg(short, long, value_name = "REGEX")]
    tag: Option<Regex>,
    #[command(flatten)]
    look: Look,
    /// How images are drawn; the terminal is not asked
    #[arg(long, value_name = "PROTOCOL", default_value = "blocks", hide_default_value = true)]
    images: Protocol,
}

/// The events that the screen waits for.
#[derive(Debug)]
enum Message {
    /// There is something new to show.
    Data,
    Input(Event),
    #[cfg(unix)]
    Suspend,
    /// The program goes on after it was stopped.
    #[cfg(unix)]
    Continue,
    /// A signal that ends programs.
    Terminate(i32),
}

pub(crate) fn run(args: &Args) -> Result {
    if !std::io::stdout().is_terminal() {
        return draw_once(args);
    }
    check_images(args.images)?;
    let logdir = logdirs::open(&args.dir)?;
    let shared = Arc::new(Shared::default());
    let (sender, receiver) = channel();
    let colors = show::colors();
    let app = first_state(args, colors);
    let screen = Screen::enter(colors, args.images).context("failed to set up the terminal")?;
    listen(sender.clone());
    let loader = Loader::new(logdir, shared.clone(), sender, || Message::Data)
        .with_interval(logdirs::interval(&args.dir, loader::INTERVAL));
    std::thread::spawn(|| {
        #[cfg(debug_assertions)]
        assert!(std::env::var_os("TFEVENTS_TEST_PANIC").is_none(), "a test asks for a panic");
        loader.run();
    });
    let mut watch = Watch {
        dir: args.dir.clone(),
        screen,
        app,
        model: Model::default(),
        plots: Plots::default(),
        hits: Hits::default(),
        drag: Drag::default(),
        shared,
        saved: Vec::new(),
        states: Vec::new(),
    };
    let result = watch.run(&receiver);
    let saved = std::mem::take(&mut watch.saved);
    drop(watch);
    result.context("failed to draw on the terminal")?;
    output::to_stdout(|out| {
        for saved in saved {
            writeln!(out, "{}", saved)?;
        }
        Ok(())
    })?;
    Ok(Outcome::Success)
}

/// Refuses protocols whose images a multiplexer would swallow.
fn check_images(images: Protocol) -> anyhow::Result<()> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if matches!(images, Protocol::Kitty | Protocol::Iterm2) && (is_set("TMUX") || is_set("STY")) {
        anyhow::bail!(
            "tmux and screen do not pass such images on (expected --images sixel or blocks, or to \
             be run outside of them)"
        );
    }
    Ok(())
}

/// Draws plain charts, for a pipe or a CI job.
fn draw_once(args: &Args) -> Result {
    let dirs = Dirs { dirs: vec![args.dir.clone()] };
    let filter = Filter { run: args.run.clone(), tag: args.tag.clone() };
    let loaded = Loaded::read(&dirs, &filter, &Range::default())?;
    let charts = loaded.charts(args.look.by.as_ref(), args.look.smoothing);
    let text = show::draw_all(&charts, &args.look, show::width());
    output::to_stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Success)
}

fn first_state(args: &Args, colors: ColorSupport) -> App {
    let look = &args.look;
    let mut app = App::new(look.view(), look.palette(), look.glyphs());
    app.has_color = colors != ColorSupport::None;
    app.images = args.images;
    for (kind, typed) in [
        (PromptKind::Runs, &args.run),
        (PromptKind::Tags, &args.tag),
        (PromptKind::Group, &look.by),
    ] {
        if let Some(regex) = typed {
            regex.as_str().clone_into(&mut app.typed[kind as usize]);
            app.open_prompt(kind);
            app.apply_prompt();
        }
    }
    app.prompt = None;
    app
}

/// Sends input and signals to the screen.
fn listen(sender: Sender<Message>) {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
        let sender = sender.clone();
        if let Ok(mut signals) =
            signal_hook::iterator::Signals::new([SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP])
        {
            std::thread::spawn(move || {
                for signal in signals.forever() {
                    let message = match signal {
                        SIGTSTP => Message::Suspend,
                        SIGCONT => Message::Continue,
                        signal => Message::Terminate(signal),
                    };
                    if sender.send(message).is_err() {
                        return;
                    }
                }
            });
        }
    }
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(Message::Input(event)).is_err() {
                return;
            }
        }
        // A terminal that is gone is an end.
        let _ = sender.send(Message::Terminate(1));
    });
}

/// The program while it runs.
struct Watch {
    dir: PathBuf,
    screen: Screen,
    app: App,
    model: Model,
    plots: Plots,
    hits: Hits,
    drag: Drag,
    shared: Arc<Shared>,
    /// The commands of what was saved.
    saved: Vec<String>,
    /// The states and ages of the runs on the screen.
    states: Vec<String>,
}

/// How often ages are shown anew while nothing else happens.
const TICK: Duration = Duration::from_secs(1);

impl Watch {
    fn run(&mut self, messages: &Receiver<Message>) -> std::io::Result<()> {
        self.update();
        self.draw()?;
        loop {
            let first = match messages.recv_timeout(TICK) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) if !self.refresh_health() => continue,
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            // Queued changes are drawn once.
            for message in first.into_iter().chain(messages.try_iter()) {
                if !self.handle(message)? {
                    return Ok(());
                }
            }
            self.draw()?;
        }
    }

    /// Handles a message; returns whether to go on.
    fn handle(&mut self, message: Message) -> std::io::Result<bool> {
        let action = match message {
            Message::Data => {
                self.shared.take_notice();
                self.update();
                Action::Nothing
            }
            Message::Input(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                keys::key(&mut self.app, &self.model, &self.hits, key)
            }
            Message::Input(Event::Mouse(mouse)) => {
                keys::mouse(&mut self.app, &self.model, &self.hits, &mut self.drag, mouse)
            }
            Message::Input(_) => Action::Nothing,
            #[cfg(unix)]
            Message::Suspend => Action::Suspend,
            #[cfg(unix)]
            Message::Continue => {
                // Also after a SIGSTOP, which is not noticed: the shell has changed the terminal.
                self.screen.resume()?;
                Action::Nothing
            }
            Message::Terminate(signal) => {
                terminal::leave();
                #[cfg(unix)]
                let _ = signal_hook::low_level::emulate_default_handler(signal);
                std::process::exit(128 + signal);
            }
        };
        match action {
            Action::Nothing => {}
            Action::Quit => return Ok(false),
            Action::Refilter => self.update(),
            Action::Reload => {
                self.shared.keeps_all.store(self.app.keeps_all, Ordering::Relaxed);
            }
            Action::Suspend => self.suspend()?,
            Action::Save => self.save(),
        }
        Ok(true)
    }

    fn update(&mut self) {
        self.model.update(&self.shared, &self.app.filters);
    }

    /// Looks at states and ages alone; returns whether they read otherwise than on the screen.
    fn refresh_health(&mut self) -> bool {
        let mut shown = Vec::new();
        for run in &mut self.model.runs {
            run.health = run.slot.health();
            shown.push(sidebar::state(run).0);
        }
        let has_changed = shown != self.states;
        self.states = shown;
        has_changed
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let size = self.screen.size()?;
        if self.app.images != Protocol::Blocks {
            self.app.cell_size = self.screen.cell_size();
        }
        let Self { app, model, shared, plots, .. } = self;
        let (grid, hits) = screen::draw(app, model, shared, plots, size);
        self.hits = hits;
        let pictures = std::mem::take(&mut self.hits.pictures);
        self.screen.draw(&grid, self.app.palette, pictures)
    }

    /// Gives the terminal back until the program is continued.
    fn suspend(&mut self) -> std::io::Result<()> {
        #[cfg(unix)]
        {
            terminal::leave();
            let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
            // Nothing is drawn until the terminal is taken again: there may be no `Continue` yet.
            self.screen.resume()?;
        }
        Ok(())
    }

    fn save(&mut self) {
        self.app.message = Some(match save::save(&self.app, &self.model, &self.dir) {
            Ok(saved) => {
                let text = format!("saved {} and .csv; q prints the command", saved.svg.display());
                self.saved.push(format!("{} -o {}", saved.command, saved.svg.display()));
                text
            }
            Err(error) => format!("not saved: {error:#}"),
        });
    }
}
