//! Queries for loyalty programs.

use super::{LoyaltyProgram, LoyaltyProgramFilter, LoyaltyProgramOrder};
use crate::graphql::query::queries;

queries! {
    LoyaltyProgramQuery of LoyaltyProgram;
    loyalty_program: "loyalty program",
    loyalty_programs ("loyaltyPrograms"): "loyalty programs";
    LoyaltyProgramOrder, LoyaltyProgramFilter
}
