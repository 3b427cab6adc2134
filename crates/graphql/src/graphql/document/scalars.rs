//! Checks values of the server's custom scalars during validation rather than when a resolver reads
//! them, so that an invalid value fails the request before anything is executed.

use std::{fmt::Display, str::FromStr};

use apollo_compiler::ast;
use async_graphql::Value;

use crate::db::types::{Date, Decimal, Timestamp};

/// Checks a literal in a document, if its type is one of the server's custom scalars.
pub fn check_literal(ty: &str, value: &ast::Value) -> Result<(), String> {
    let given = match value {
        ast::Value::Null | ast::Value::Variable(_) => return Ok(()),
        ast::Value::String(text) => Given::Text(text),
        ast::Value::Int(number) => Given::Number(number.as_str().to_owned()),
        ast::Value::Float(number) => Given::Number(number.as_str().to_owned()),
        _ => Given::Other,
    };
    check(ty, &given)
}

/// Checks the value of a variable, like [`check_literal`].
pub fn check_value(ty: &str, value: &Value) -> Result<(), String> {
    let given = match value {
        Value::Null => return Ok(()),
        Value::String(text) => Given::Text(text),
        Value::Number(number) => Given::Number(number.to_string()),
        // A number as written: see `crate::graphql::scalars::written_number`.
        Value::Binary(number) => Given::Number(String::from_utf8_lossy(number).into_owned()),
        _ => Given::Other,
    };
    check(ty, &given)
}

enum Given<'a> {
    Text(&'a str),
    Number(String),
    Other,
}

fn check(ty: &str, given: &Given<'_>) -> Result<(), String> {
    match (ty, given) {
        ("DateTime", Given::Text(text)) => parse::<Timestamp>(ty, text),
        ("Date", Given::Text(text)) => parse::<Date>(ty, text),
        ("Decimal", Given::Text(text)) => parse::<Decimal>(ty, text),
        ("Decimal", Given::Number(number)) => {
            Decimal::from_number(number).map(drop).map_err(|problem| invalid(ty, &problem))
        }
        ("DateTime" | "Date", _) => Err(format!("{ty} must be written as a string.")),
        ("Decimal", _) => Err("Decimal must be written as a string, or as a number.".to_owned()),
        _ => Ok(()),
    }
}

fn parse<T: FromStr<Err: Display>>(ty: &str, text: &str) -> Result<(), String> {
    text.parse::<T>().map(drop).map_err(|problem| invalid(ty, &problem))
}

fn invalid(ty: &str, problem: &impl Display) -> String {
    format!("The {ty} is not valid: {problem}.")
}
