//! Filters of customer groups.

use super::CustomerGroup;
use crate::{
    graphql::{
        custom_attribute::CustomAttributeFilter,
        filter::{filter, search},
    },
    models::{custom_attribute::Noun, customer_group::is_root, filter::Filter},
};

filter! {
    /// Filter for customer groups. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    CustomerGroup {
        /// Text contained in the name, ignoring case and accents; up to 255 characters.
        search: String => search,
        /// Whether the group is a root.
        isRoot: bool => |it| Ok(Filter::Is(is_root(it))),
        /// Custom attribute of the group, by its `key`. To combine several, use `and`.
        attribute: CustomAttributeFilter => |it| it.tests(Noun::CustomerGroup),
    }
}
