//! Colours. They repeat what a word or a sign says already, so that the same picture can be read without them.

use ratatui::style::{Color, Modifier, Style};

/// Colours, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// The terminal's own sixteen.
    Colour,
    /// Bold and dim only.
    Plain,
}

impl Theme {
    /// No colours where `NO_COLOR` is set to anything.
    pub(crate) fn of_environment() -> Self {
        Self::of_no_color(std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()))
    }

    fn of_no_color(no_color: bool) -> Self {
        if no_color { Self::Plain } else { Self::Colour }
    }

    fn style(self, colour: Color) -> Style {
        match self {
            Self::Colour => Style::new().fg(colour),
            Self::Plain => Style::new(),
        }
    }

    /// As it should be.
    pub(crate) fn good(self) -> Style {
        self.style(Color::Green)
    }

    /// On its way, or worth a look.
    pub(crate) fn middling(self) -> Style {
        self.style(Color::Yellow)
    }

    /// Trouble.
    pub(crate) fn bad(self) -> Style {
        self.style(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Lines of a diagram.
    pub(crate) fn line(self) -> Style {
        self.style(Color::Cyan)
    }

    /// Names of things.
    pub(crate) fn title() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is there only to be found when it is looked for.
    pub(crate) fn quiet() -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }
}
