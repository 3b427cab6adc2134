//! Deeply nested, long and cyclic documents.

use std::ops::RangeInclusive;

fn spreads(fragments: RangeInclusive<usize>) -> String {
    fragments.map(|it| format!("...f{it} ")).collect::<Vec<_>>().concat()
}

/// The document of a case, with `n` repetitions.
#[expect(clippy::too_many_lines, reason = "one line or two for each case")]
pub fn document(case: &str, n: usize) -> String {
    let r = |s: &str| s.repeat(n);
    let q = |filter: String| format!("{{customers(filter:{filter}){{totalCount}}}}");
    let each = |f: &dyn Fn(usize) -> String, sep: &str| (0..n).map(f).collect::<Vec<_>>().join(sep);
    let g = "customerGroup(id:1)";
    match case {
        "and" => q(format!("{}{{}}{}", r("{and:["), r("]}"))),
        "not" => q(format!("{}{{}}{}", r("{not:"), r("}"))),
        "list literal" => format!("{{nodes(ids:{}1{}){{id}}}}", r("["), r("]")),
        "unclosed lists" => format!("{{nodes(ids:{}", r("[")),
        "unclosed objects" => format!("{{nodes(ids:{}", r("{a:")),
        "unclosed sets" => r("{a"),
        "object, unknown argument" => format!("{{customer(id:1,x:{}1{}){{id}}}}", r("{a:"), r("}")),
        "object in scalar" => q(format!("{{creditLimit:{{gt:{}1{}}}}}", r("{a:"), r("}"))),
        "list type" => format!("query($a:{}ID{}){{customer(id:$a){{id}}}}", r("["), r("]")),
        "default value" => format!(
            "query($a:CustomerFilter={}{{}}{}){{customers(filter:$a){{totalCount}}}}",
            r("{and:["),
            r("]}")
        ),
        "selection sets" => format!("{{{g}{}{{id}}{}}}", r("{parentCustomerGroup"), r("}")),
        "unknown selection sets" => format!("{}{{a}}{}", r("{a"), r("}")),
        "inline fragments" => format!("{{{}__typename{}}}", r("...{"), r("}")),
        "directive values" => format!("{{customer(id:1){{id @skip(if:{}1{})}}}}", r("["), r("]")),
        "used chain" => format!(
            "{{{g}{{...f0}}}} {} fragment f{n} on CustomerGroup{{id}}",
            each(&|i| format!("fragment f{i} on CustomerGroup{{...f{}}}", i + 1), " ")
        ),
        "used chain of fields" => format!(
            "{{{g}{{...f0}}}} {} fragment f{n} on CustomerGroup{{id}}",
            each(
                &|i| format!(
                    "fragment f{i} on CustomerGroup{{parentCustomerGroup{{...f{}}}}}",
                    i + 1
                ),
                " "
            )
        ),
        "unused chain" => format!(
            "{{{g}{{id}}}} {} fragment f{n} on CustomerGroup{{id}}",
            each(&|i| format!("fragment f{i} on CustomerGroup{{...f{}}}", i + 1), " ")
        ),
        // A chain of 99 fragments, each nested n levels deep, which stays within apollo-compiler's
        // own limits.
        "chain of 99 nested" => format!(
            "{{{g}{{...f0}}}} {} fragment f99 on CustomerGroup{{id}}",
            (0..99)
                .map(|i| format!(
                    "fragment f{i} on CustomerGroup{}{{...f{}}}{}",
                    r("{parentCustomerGroup"),
                    i + 1,
                    r("}")
                ))
                .collect::<Vec<_>>()
                .join(" ")
        ),
        "unused chain of 99 nested" => format!(
            "{{{g}{{id}}}} {} fragment f99 on CustomerGroup{{id}}",
            (0..99)
                .map(|i| format!(
                    "fragment f{i} on CustomerGroup{}{{...f{}}}{}",
                    r("{parentCustomerGroup"),
                    i + 1,
                    r("}")
                ))
                .collect::<Vec<_>>()
                .join(" ")
        ),
        "bomb" => format!(
            "{{{g}{{...f0}}}} {} fragment f{n} on CustomerGroup{{id}}",
            each(
                &|i| format!(
                    "fragment f{i} on CustomerGroup{{a:parentCustomerGroup{{...f{0}}}b:parentCustomerGroup{{...f{0}}}}}",
                    i + 1
                ),
                " "
            )
        ),
        "bomb of spreads" => format!(
            "{{{g}{{...f0}}}} {} fragment f{n} on CustomerGroup{{id}}",
            each(&|i| format!("fragment f{i} on CustomerGroup{{...f{0} ...f{0}}}", i + 1), " ")
        ),
        // Each fragment spreads all later ones.
        "triangle" => format!(
            "{{{g}{{...f0}}}} {} fragment f{n} on CustomerGroup{{id}}",
            each(
                &|i| format!(
                    "fragment f{i} on CustomerGroup{{parentCustomerGroup{{{}}}}}",
                    spreads((i + 1)..=n)
                ),
                " "
            )
        ),
        "cycle" => format!(
            "{{{g}{{...f0}}}} {}",
            each(
                &|i| format!(
                    "fragment f{i} on CustomerGroup{{parentCustomerGroup{{...f{}}}}}",
                    (i + 1) % n
                ),
                " "
            )
        ),
        "directives" => format!("{{customer(id:1){{id{}}}}}", r("@a")),
        "skip directives" => format!("{{customer(id:1){{id{}}}}}", r("@skip(if:true)")),
        "fragments" => format!(
            "{{{g}{{{}}}}} {}",
            each(&|i| format!("...f{i}"), " "),
            each(&|i| format!("fragment f{i} on CustomerGroup{{id}}"), " ")
        ),
        "unused fragments" => format!(
            "{{{g}{{id}}}} {}",
            each(&|i| format!("fragment f{i} on CustomerGroup{{id}}"), " ")
        ),
        "operations" => each(&|i| format!("query q{i}{{{g}{{id}}}}"), " "),
        // n operations use n fragments, each of which uses all of the next ten.
        "operations x fragments" => format!(
            "{} {}",
            each(&|i| format!("query q{i}{{{g}{{...f0}}}}"), " "),
            each(
                &|i| format!(
                    "fragment f{i} on CustomerGroup{{id {}}}",
                    spreads((i + 1)..=(i + 3).min(n - 1))
                ),
                " "
            )
        ),
        "operations x flat fragments" => format!(
            "{} fragment f on CustomerGroup{{{}}} {}",
            each(&|i| format!("query q{i}{{{g}{{...f}}}}"), " "),
            each(&|i| format!("...f{i} "), ""),
            each(&|i| format!("fragment f{i} on CustomerGroup{{id}}"), " ")
        ),
        "words" => format!("{{customer(id:1){{{}}}}}", r("id ")),
        "unknown words" => format!("{{customer(id:1){{{}}}}}", r("ab ")),
        "distinct words" => format!("{{customer(id:1){{{}}}}}", each(&|i| format!("a{i}:id"), " ")),
        "same fields" => format!("{{{}}}", r("customer(id:1){id} ")),
        "conflicting fields" => {
            format!("{{{}}}", each(&|i| format!("a:customer(id:{i}){{id}}"), " "))
        }
        "aliased in lists" => format!("{{{}}}", each(&|i| format!("nodes(ids:[{i}]){{id}}"), " ")),
        "bare words" => r("ab "),
        "braces" => r("}"),
        "open braces" => r("{"),
        "quotes" => r("\""),
        "one string" => format!("{{customer(id:\"{}\"){{id}}}}", r("a")),
        "one name" => format!("{{{}}}", r("a")),
        "one name of a variable" => format!("{{customer(id:${}){{id}}}}", r("a")),
        "comments" => format!("{{customer(id:1){{id}}}}\n{}", r("#\n")),
        "commas" => format!("{{customer(id:1){{id{}}}}}", r(",")),
        "bad characters" => r("%"),
        "variables" => {
            format!("query({}){{customer(id:1){{id}}}}", each(&|i| format!("$a{i}:ID"), " "))
        }
        "used variables" => format!(
            "query({}){{nodes(ids:[{}]){{id}}}}",
            each(&|i| format!("$a{i}:ID!"), " "),
            each(&|i| format!("$a{i}"), " ")
        ),
        "same keys" => q(format!("{{{}}}", r("disabled:{eq:true} "))),
        "unknown keys" => q(format!("{{{}}}", each(&|i| format!("a{i}:1"), " "))),
        "arguments" => format!("{{customer({}){{id}}}}", each(&|i| format!("a{i}:1"), " ")),
        "same arguments" => format!("{{customer({}){{id}}}}", r("id:1 ")),
        "bad values" => format!("{{nodes(ids:[{}]){{id}}}}", r("true ")),
        "wide and deep" => {
            // n fields at each of 20 levels.
            let level = each(&|i| format!("a{i}:id"), " ");
            format!(
                "{{{g}{}{}}}",
                format!("{{{level} parentCustomerGroup").repeat(20) + "{id}",
                "}".repeat(20)
            )
        }
        "lines" => format!("{{customer(id:1){{{}}}}}", r("ab\n")),
        "lines of emoji" => format!("{{customer(id:1){{ #{}\n ab }}}}", r("😀")),
        _ => panic!("no such case"),
    }
}

/// Cases, with the numbers of repetitions to try.
pub const CASES: &[(&str, &[usize])] = &[
    ("and", &[1, 10, 30, 31, 32, 100, 249, 250, 1_000, 20_000, 200_000]),
    ("not", &[1, 10, 90, 100, 498, 500, 20_000, 200_000]),
    ("list literal", &[1, 90, 498, 20_000, 200_000]),
    ("unclosed lists", &[1, 90, 498, 20_000, 200_000]),
    ("unclosed objects", &[1, 90, 498, 200_000]),
    ("unclosed sets", &[1, 90, 498, 200_000]),
    ("object, unknown argument", &[1, 90, 498, 20_000, 200_000]),
    ("object in scalar", &[1, 90, 495, 200_000]),
    ("list type", &[1, 90, 499, 20_000, 200_000]),
    ("default value", &[1, 40, 249, 200_000]),
    ("selection sets", &[1, 30, 31, 90, 120, 130, 498, 20_000, 200_000]),
    ("unknown selection sets", &[30, 90, 498, 200_000]),
    ("inline fragments", &[1, 30, 90, 498, 20_000, 200_000]),
    ("directive values", &[90, 498, 200_000]),
    ("used chain", &[1, 30, 31, 90, 99, 100, 1_000, 25_000]),
    ("used chain of fields", &[10, 20, 90, 99, 100, 1_000, 25_000]),
    ("unused chain", &[1, 30, 90, 1_000, 25_000]),
    ("chain of 99 nested", &[1, 4, 20, 90, 490]),
    ("unused chain of 99 nested", &[1, 4, 20, 90, 490]),
    ("bomb", &[5, 10, 15, 20, 30, 60, 99, 1_000]),
    ("bomb of spreads", &[5, 10, 20, 30, 99, 1_000]),
    ("triangle", &[5, 10, 25, 50, 99]),
    ("cycle", &[1, 2, 30, 99, 1_000, 25_000]),
    ("directives", &[100, 5_000, 100_000]),
    ("skip directives", &[100, 2_000, 100_000]),
    ("fragments", &[100, 240, 1_000, 25_000]),
    ("unused fragments", &[100, 240, 25_000]),
    ("operations", &[100, 240, 25_000]),
    ("operations x fragments", &[50, 90, 120, 300, 1_000]),
    ("operations x flat fragments", &[50, 100, 300, 1_000]),
    ("words", &[1_000, 9_000, 350_000]),
    ("unknown words", &[1_000, 9_000, 350_000]),
    ("distinct words", &[1_000, 4_000, 100_000]),
    ("same fields", &[1_000, 2_000, 50_000]),
    ("conflicting fields", &[1_000, 1_500, 40_000]),
    ("aliased in lists", &[1_000, 1_500, 40_000]),
    ("bare words", &[1_000, 9_000, 350_000]),
    ("braces", &[1_000, 19_000, 1_000_000]),
    ("open braces", &[90, 1_000, 1_000_000]),
    ("quotes", &[1_001, 19_001, 1_000_001]),
    ("one string", &[200_000, 1_000_000]),
    ("one name", &[200_000, 1_000_000]),
    ("one name of a variable", &[200_000, 1_000_000]),
    ("comments", &[9_000, 500_000]),
    ("commas", &[19_000, 1_000_000]),
    ("bad characters", &[1_000, 19_000, 1_000_000]),
    ("variables", &[1_000, 4_000, 100_000]),
    ("used variables", &[1_000, 2_500, 25_000]),
    ("same keys", &[1_000, 2_000, 50_000]),
    ("unknown keys", &[1_000, 4_000, 100_000]),
    ("arguments", &[1_000, 4_000, 100_000]),
    ("same arguments", &[1_000, 4_000, 100_000]),
    ("bad values", &[1_000, 9_000, 200_000]),
    ("wide and deep", &[10, 200, 2_000]),
    ("lines", &[1_000, 9_000, 250_000]),
    ("lines of emoji", &[50_000, 250_000]),
];
