//! About the crate.
use std::{fmt, io};
/// Keeps goods.
#[derive(Debug)]
pub struct Shelf<T> {
    width: T,
}
pub enum Colour { Red, Blue(i32) }
impl<T> Shelf<T> {
    /// Adds.
    pub fn put(&self) { fn local() {} }
    const LIMIT: i32 = 1;
}
impl<T> fmt::Display for Shelf<T> { fn fmt(&self) {} }
pub trait Seller { fn sell(&self); type Good; }
mod elsewhere;
macro_rules! sum { () => {} }
static COUNT: i32 = 1;
extern "C" { fn open_shop(); }
#[cfg(test)]
mod tests { #[test] fn sells() {} }
/** A block
 of two lines. */
async unsafe fn wait() {}
