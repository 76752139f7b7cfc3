//! Drawings as files that other programs open: GEXF 1.3 for Gephi, GraphML for most others, CSV for tables.
//!
//! In: a drawing. Out: bytes, the same for the same drawing. The graphs have one node for each party and attribute, and one directed
//! edge for each observation (from the party to the attribute) and relation (from where the step begins). What nodes and edges say is
//! told once, in the module `rows`, for both formats.

mod gexf;
mod graphml;
mod rows;
mod table;
mod xml;

use std::io::{self, Write};

use super::Drawing;

/// How a drawing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrawingFormat {
    /// GEXF 1.3, with the days of every edge: what Gephi's timeline reads.
    Gexf,
    /// GraphML, with the days of every edge as text.
    Graphml,
    /// One row for each edge.
    Csv,
}

impl Drawing {
    /// Writes the drawing.
    pub fn write(&self, format: DrawingFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            DrawingFormat::Gexf => gexf::write(self, out),
            DrawingFormat::Graphml => graphml::write(self, out),
            DrawingFormat::Csv => table::write(self, out),
        }
    }
}
