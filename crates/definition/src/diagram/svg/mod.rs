//! Scalable vector graphics.

mod canvas;
mod glyphs;
mod lines;
mod marks;
mod picture;
mod shapes;
mod style;
mod xml;

pub(super) use self::picture::write;
