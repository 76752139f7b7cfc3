//! What was done about the people found, and what may be said about them: figures, the ids behind each, claims held against them, and
//! what made people come and go; how long the queue will take.
//!
//! In: a view of the ledger; for the forecast, counts by period. Out: numbers with the ids that they count. Always holds: a figure as of
//! a time is the same whenever it is asked for, and it counts exactly the ids that its explanation lists. Nothing here scores, decides
//! whom evidence links, or writes.

mod history;
pub use history::{History, Status};

mod basis;
pub use basis::{Basis, Member};

mod figures;
pub use figures::{Behind, DEFINITIONS, Figures};

mod claims;
pub use claims::{Checked, Verdict, check};

pub mod changes;

pub mod review;

mod drawing;

pub mod chart;
pub mod forecast;

pub mod report;
