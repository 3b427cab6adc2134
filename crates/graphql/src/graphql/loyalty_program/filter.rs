//! Filters of loyalty programs.

use super::LoyaltyProgram;
use crate::{
    graphql::{
        custom_attribute::CustomAttributeFilter,
        filter::{filter, search},
    },
    models::custom_attribute::Noun,
};

filter! {
    /// Filter for loyalty programs. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    LoyaltyProgram {
        /// Text contained in the name, ignoring case and accents; up to 255 characters.
        search: String => search,
        /// Custom attribute of the program, by its `key`. To combine several, use `and`.
        attribute: CustomAttributeFilter => |it| it.tests(Noun::LoyaltyProgram),
    }
}
