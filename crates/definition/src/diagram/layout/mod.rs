//! A layered layout: cells in columns from left to right, edges around them at right angles.
//!
//! Steps: [`ranks`] finds the edges that go back and gives each box a column; [`cells`] lets long
//! edges take a cell in each column between; [`order`] sorts the cells of a column; [`heights`] sets
//! them up and down, [`straight`] in line; [`tracks`] and [`routes`] lead the edges through the gaps between the columns.
//! All numbers are whole pixels, so the same graph always gives the same drawing. Nothing recurses,
//! and the work is bounded: edges that would need too many cells run below everything else.

mod cells;
mod heights;
mod order;
mod ranks;
mod routes;
mod sketch;
mod straight;
mod tracks;

pub(super) use self::sketch::{Layout, Point, Route, Sketch, SketchBox, SketchEdge, whole};
