//! Programs and tiers by their external id or name.

use diesel::{ExpressionMethods, QueryDsl};

use super::LoyaltyProgram;
use crate::{
    auth::Tenant,
    db::{self, Conn, RunQueryDsl, on, schema::loyalty_programs, types::Uid},
    models::{Lookup, Row, loyalty_program_collection::LoyaltyProgramCollection, search_key::fold},
};

impl LoyaltyProgram {
    /// The program with that `externalId` or, if there is none, up to two programs with that name.
    pub async fn by_name(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        text: &str,
    ) -> Result<Vec<Uid>, db::Error> {
        if let Some(found) = Self::find(conn, tenant, &Lookup::ExternalId(text.to_owned())).await? {
            return Ok(vec![found.id]);
        }
        let named = loyalty_programs::table
            .filter(loyalty_programs::tenant_id.eq(tenant.id()))
            .filter(loyalty_programs::loyalty_program_name_key.eq(fold(text)))
            .filter(loyalty_programs::loyalty_program_name.eq(text))
            .limit(2)
            .select(loyalty_programs::id);
        Ok(on!(conn, |c| named.load(c).await)?)
    }
}

/// The program's tier with that `externalId` or name.
pub async fn tier_by_name(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    program: Uid,
    text: &str,
) -> Result<Option<Uid>, db::Error> {
    let mut tiers = LoyaltyProgramCollection::of_parents(conn, tenant, &[program]).await?;
    let tiers = tiers.remove(&program).unwrap_or_default();
    let with_id = tiers.iter().find(|it| it.attributes.external_id.as_deref() == Some(text));
    let tier = with_id.or_else(|| tiers.iter().find(|it| it.attributes.tier_name == text));
    Ok(tier.map(|tier| tier.id))
}
