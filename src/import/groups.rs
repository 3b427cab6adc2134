//! The groups and loyalty programs that rows of customers refer to.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Problem, fields::RowError};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    id::NodeType,
    models::{
        CustomerGroup, Lookup, Row as _,
        customer_group::path,
        loyalty_program::{LoyaltyProgram, tier_by_name},
    },
    transfer::columns::{GROUP_ID, GROUP_PATH, PROGRAM, TIER},
};

/// The groups and programs known from earlier rows.
#[derive(Default)]
pub struct Named {
    /// Whether missing groups may be created.
    pub may_make: bool,
    by_path: HashMap<String, Uid>,
    by_id: HashSet<Uid>,
    programs: HashMap<String, Uid>,
    tiers: HashMap<(Uid, String), Uid>,
    /// The paths of the groups that the current transaction created.
    created: Vec<String>,
    new_paths: BTreeSet<String>,
}

impl Named {
    pub fn new(may_make: bool) -> Self {
        Self { may_make, ..Self::default() }
    }

    /// Whether a group may have to be created for this path.
    pub fn is_new(&self, path: &str) -> bool {
        self.may_make && !self.by_path.contains_key(path)
    }

    /// Forgets everything that the current transaction found or created, because it was rolled
    /// back.
    pub fn forget(&mut self) {
        self.by_path.clear();
        self.by_id.clear();
        self.programs.clear();
        self.tiers.clear();
        self.created.clear();
    }

    /// Keeps the groups that the current transaction created. They exist now, or would exist
    /// without a dry run.
    pub fn keep_created(&mut self) {
        self.new_paths.extend(self.created.drain(..));
    }

    /// Adds paths of groups that would exist without a dry run.
    pub fn add_created(&mut self, paths: BTreeSet<String>) {
        self.new_paths.extend(paths);
    }

    /// The paths of all created groups.
    pub fn into_new_paths(self) -> BTreeSet<String> {
        self.new_paths
    }

    /// The group with this path. A missing group is created if that is permitted and the row has no
    /// problem (`is_good`). Returns `None` if only the row's problems prevent that.
    pub async fn group_by_path(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        path: &str,
        is_good: bool,
    ) -> Result<Option<Uid>, RowError> {
        if let Some(uid) = self.by_path.get(path) {
            return Ok(Some(*uid));
        }
        let uid = if is_good && self.may_make {
            path::ensure_path(tx, writer, path, &mut self.created).await?
        } else {
            match path::find_path(tx, writer.tenant(), path).await? {
                Some(uid) => uid,
                None if self.may_make => return Ok(None),
                None => {
                    let message = "there is no such customer group, and --no-new-groups is given";
                    return Err(Problem::of_column(GROUP_PATH, message).into());
                }
            }
        };
        self.by_path.insert(path.to_owned(), uid);
        Ok(Some(uid))
    }

    pub async fn group_by_id(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        id: &str,
    ) -> Result<Uid, RowError> {
        if let Some(uid) = NodeType::CustomerGroup.parse(id.trim()) {
            if self.by_id.contains(&uid) {
                return Ok(uid);
            }
            let found = CustomerGroup::find(tx, writer.tenant(), &Lookup::Id(uid)).await;
            if found?.is_some() {
                self.by_id.insert(uid);
                return Ok(uid);
            }
        }
        Err(Problem::of_column(GROUP_ID, "there is no customer group with this id").into())
    }

    /// The program with this `externalId` or, if there is none, with this name.
    pub async fn program(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        text: &str,
    ) -> Result<Uid, RowError> {
        let text = text.trim();
        if let Some(uid) = self.programs.get(text) {
            return Ok(*uid);
        }
        let found = LoyaltyProgram::by_name(tx, writer.tenant(), text).await?;
        match found.as_slice() {
            [program] => {
                self.programs.insert(text.to_owned(), *program);
                Ok(*program)
            }
            [] => Err(Problem::of_column(PROGRAM, "there is no such loyalty program").into()),
            _ => {
                let message = "there are several loyalty programs of this name: give an externalId";
                Err(Problem::of_column(PROGRAM, message).into())
            }
        }
    }

    /// The tier of the program with this `externalId` or name.
    pub async fn tier(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        program: Uid,
        text: &str,
    ) -> Result<Uid, RowError> {
        let key = (program, text.trim().to_owned());
        if let Some(uid) = self.tiers.get(&key) {
            return Ok(*uid);
        }
        let found: Result<Option<Uid>, db::Error> =
            tier_by_name(tx, writer.tenant(), program, &key.1).await;
        let uid = found?
            .ok_or_else(|| Problem::of_column(TIER, "the loyalty program has no such tier"))?;
        self.tiers.insert(key, uid);
        Ok(uid)
    }
}
