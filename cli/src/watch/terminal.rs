//! The terminal: entered, drawn on, and left as it was found, whatever ends the program.

use super::graphics::{self, CellSize, Picture, Protocol};
use crate::draw::{Cell, Color, ColorSupport, Grid, Palette, ansi16, ansi256};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::style::Print;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, window_size,
};
use ratatui::crossterm::{cursor, execute};
use ratatui::style::{self, Modifier};
use std::io::{self, Stdout};

/// The terminal while it shows the program.
#[derive(Debug)]
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    colors: ColorSupport,
    images: Protocol,
    /// The images on the screen, and its size.
    pictures: Vec<Picture>,
    drawn_size: (usize, usize),
}

impl Screen {
    /// Takes the terminal. A panic anywhere gives it back before its message is printed.
    pub(crate) fn enter(colors: ColorSupport, images: Protocol) -> io::Result<Self> {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // Another thread that draws comes to its end first, and draws no more.
            let _out = io::stdout().lock();
            leave();
            print(panic);
            std::process::exit(101);
        }));
        take()?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(Self { terminal, colors, images, pictures: Vec::new(), drawn_size: (0, 0) })
    }

    /// Takes the terminal again after [`leave`].
    #[cfg(unix)]
    pub(crate) fn resume(&mut self) -> io::Result<()> {
        // After a SIGSTOP a shell has changed the mode, but crossterm takes it for raw, and would
        // leave it.
        disable_raw_mode()?;
        take()?;
        self.pictures.clear();
        self.forget()
    }

    /// Clears the screen, so that all of it is drawn again.
    fn clear(&mut self) -> io::Result<()> {
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.forget()
    }

    /// Forgets the cells on a screen that is blank.
    fn forget(&mut self) -> io::Result<()> {
        // To clear the old one would ask for the cursor, which the thread that waits for input
        // would swallow.
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(())
    }

    /// Returns the size in cells.
    pub(crate) fn size(&self) -> io::Result<(usize, usize)> {
        let size = self.terminal.size()?;
        Ok((usize::from(size.width), usize::from(size.height)))
    }

    /// Returns the size of a cell in pixels, if the system knows it.
    pub(crate) fn cell_size(&self) -> CellSize {
        let known = window_size().ok().and_then(|size| {
            let width = size.width.checked_div(size.columns)?;
            let height = size.height.checked_div(size.rows)?;
            (width > 0 && height > 0).then_some((width, height))
        });
        known.map_or_else(CellSize::default, |(width, height)| CellSize {
            width: u32::from(width),
            height: u32::from(height),
        })
    }

    /// Draws what has changed, all at once where the terminal can.
    pub(crate) fn draw(
        &mut self,
        grid: &Grid,
        palette: Palette,
        pictures: Vec<Picture>,
    ) -> io::Result<()> {
        let colors = self.colors;
        // A panic of another thread waits for the end: see `enter`.
        let _out = io::stdout().lock();
        execute!(io::stdout(), BeginSynchronizedUpdate)?;
        let size = (grid.width, grid.height);
        let has_pictures_changed = self.pictures != pictures || self.drawn_size != size;
        if has_pictures_changed && !self.pictures.is_empty() {
            // The cells under a picture are blank before and after, and would not be drawn.
            self.clear_pictures()?;
            self.clear()?;
        }
        self.terminal.draw(|frame| {
            let area = frame.area();
            let buffer = frame.buffer_mut();
            for y in 0..grid.height.min(usize::from(area.height)) {
                for (x, cell) in grid.row(y).iter().enumerate().take(usize::from(area.width)) {
                    let target = &mut buffer[(x as u16, y as u16)];
                    if cell.glyph == '\0' {
                        target.set_symbol("");
                    } else {
                        target.set_char(cell.glyph);
                    }
                    target.set_style(style(cell, colors, palette));
                }
            }
        })?;
        if has_pictures_changed {
            self.draw_pictures(&pictures)?;
        }
        (self.pictures, self.drawn_size) = (pictures, size);
        execute!(io::stdout(), EndSynchronizedUpdate)
    }

    fn draw_pictures(&self, pictures: &[Picture]) -> io::Result<()> {
        let cell = self.cell_size();
        for picture in pictures {
            let (x, y) = (picture.area.x as u16, picture.area.y as u16);
            execute!(
                io::stdout(),
                cursor::MoveTo(x, y),
                Print(picture.sequence(self.images, cell))
            )?;
        }
        Ok(())
    }

    /// Removes images that do not lie in cells.
    fn clear_pictures(&self) -> io::Result<()> {
        if self.images == Protocol::Kitty {
            execute!(io::stdout(), Print(graphics::KITTY_CLEAR))?;
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = self.clear_pictures();
        leave();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    // A killed program may have left the alternate screen on, with what it has drawn.
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        Clear(ClearType::All),
        EnableMouseCapture,
        cursor::Hide
    )
}

/// Gives the terminal back. Called twice it does no harm.
pub(crate) fn leave() {
    // Nothing can be done about a terminal that is gone.
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableMouseCapture,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

fn style(cell: &Cell, colors: ColorSupport, palette: Palette) -> style::Style {
    let mut modifiers = Modifier::empty();
    modifiers.set(Modifier::BOLD, cell.is_bold);
    modifiers.set(Modifier::DIM, cell.is_dim);
    if colors == ColorSupport::None {
        // A background is shown as reverse video.
        modifiers.set(Modifier::REVERSED, cell.bg == Color::Muted);
        modifiers.set(Modifier::UNDERLINED, cell.fg == Color::Warning && cell.glyph != ' ');
        return style::Style::reset().add_modifier(modifiers);
    }
    style::Style::reset()
        .add_modifier(modifiers)
        .fg(color(cell.fg, colors, palette))
        .bg(color(cell.bg, colors, palette))
}

fn color(color: Color, colors: ColorSupport, palette: Palette) -> style::Color {
    let rgb = match color {
        Color::Default => return style::Color::Reset,
        Color::Muted => return style::Color::Indexed(8),
        Color::Warning => return style::Color::Indexed(9),
        Color::Curve(color) if colors == ColorSupport::Ansi16 => {
            return style::Color::Indexed(Palette::ansi(color));
        }
        Color::Curve(color) => palette.rgb(color),
        Color::Rgb(rgb) => rgb,
    };
    match colors {
        ColorSupport::True => style::Color::Rgb(rgb[0], rgb[1], rgb[2]),
        ColorSupport::Ansi256 => style::Color::Indexed(ansi256(rgb)),
        _ => style::Color::Indexed(ansi16(rgb)),
    }
}
