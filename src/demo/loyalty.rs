//! The demo's loyalty programs and points of sale.

use super::{GOLD_CLUB, Groups, names::COMPANY, slug};
use crate::{
    auth::Writer,
    db::{
        Conn,
        types::{Date, Uid},
    },
    models::{
        self,
        child::Children,
        loyalty_program::{LoyaltyProgramAttributes, LoyaltyProgramType, NewLoyaltyProgram},
        loyalty_program_collection::{
            LoyaltyProgramCollection, LoyaltyProgramCollectionAttributes,
        },
        mutable::Create,
        pos_customer_group::PosCustomerGroupAttributes,
        pos_profile::PosProfile,
    },
};

/// The programs that customers are enrolled in, with their tiers.
pub struct Programs {
    bonus: (Uid, Vec<Uid>),
    gold_club: (Uid, Vec<Uid>),
}

impl Programs {
    pub const fn ids(&self) -> [Uid; 2] {
        [self.bonus.0, self.gold_club.0]
    }

    /// The program and the tier of the `number`th customer, if it is enrolled in one.
    pub fn of(&self, number: usize, is_company: bool) -> (Option<Uid>, Option<Uid>) {
        let (program, tiers) = match (number.is_multiple_of(GOLD_CLUB), is_company) {
            (true, _) => &self.gold_club,
            (false, false) => &self.bonus,
            (false, true) => return (None, None),
        };
        (Some(*program), tiers.get(number / 2 % tiers.len().max(1)).copied())
    }
}

/// Creates the programs: one for everybody, one for a club, and one that has ended.
pub async fn programs(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    groups: &Groups,
) -> Result<Programs, models::Error> {
    let bonus = LoyaltyProgramAttributes {
        loyalty_program_type: Some(LoyaltyProgramType::MultipleTierProgram),
        from_date: date(2026, 1, 1),
        customer_group_id: groups.named("Retail"),
        auto_opt_in: true,
        conversion_factor: "0.01".parse().ok(),
        expiry_duration: Some(365),
        ..named("Bonus")
    };
    let gold_club = LoyaltyProgramAttributes {
        loyalty_program_type: Some(LoyaltyProgramType::SingleTierProgram),
        from_date: date(2025, 6, 1),
        to_date: Some(date(2027, 5, 31)),
        customer_group_id: groups.named("Gold Club"),
        conversion_factor: "0.025".parse().ok(),
        ..named("Gold Club")
    };
    let summer = LoyaltyProgramAttributes {
        from_date: date(2025, 6, 1),
        to_date: Some(date(2025, 8, 31)),
        customer_territory: Some("Spain".to_owned()),
        ..named("Verão e Verán")
    };
    let bonus_tiers = [("Bronze", "0", "10"), ("Silver", "5000", "8"), ("Gold", "20000", "5")];
    let bonus = program(tx, writer, bonus, &bonus_tiers).await?;
    let gold_club = program(tx, writer, gold_club, &[("Member", "0", "4")]).await?;
    program(tx, writer, summer, &[("Sol", "0", "2.5")]).await?;
    Ok(Programs { bonus, gold_club })
}

fn named(name: &str) -> LoyaltyProgramAttributes {
    LoyaltyProgramAttributes {
        external_id: Some(slug(name)),
        loyalty_program_name: name.to_owned(),
        expense_account: Some("7350 Loyalty".to_owned()),
        cost_center: Some("Marketing".to_owned()),
        company: Some(COMPANY.to_owned()),
        project: Some("Loyalty 2026".to_owned()),
        ..LoyaltyProgramAttributes::default()
    }
}

fn date(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day).unwrap_or_default()
}

async fn program(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    attributes: LoyaltyProgramAttributes,
    tiers: &[(&str, &str, &str)],
) -> Result<(Uid, Vec<Uid>), models::Error> {
    let tier =
        |(name, min_spent, factor): &(&str, &str, &str)| LoyaltyProgramCollectionAttributes {
            external_id: Some(slug(name)),
            tier_name: (*name).to_owned(),
            min_spent: min_spent.parse().unwrap_or_default(),
            collection_factor: factor.parse().unwrap_or_default(),
        };
    let tiers = tiers.iter().map(tier).collect();
    let program = NewLoyaltyProgram { attributes, tiers }.create_in(tx, writer).await?.row;
    let mut tiers =
        LoyaltyProgramCollection::of_parents(tx, writer.tenant(), &[program.id]).await?;
    let tiers = tiers.remove(&program.id).unwrap_or_default();
    Ok((program.id, tiers.into_iter().map(|tier| tier.id).collect()))
}

/// Creates POS profiles with links to groups.
pub async fn pos_profiles(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    groups: &Groups,
) -> Result<(), models::Error> {
    for (profile, names) in [
        ("pos-oslo", &["Norway", "Gold Club"][..]),
        ("pos-lisboa", &["Iberia", "Newsletter"][..]),
        ("pos-hotels", &["Hospitality", "Wholesale", "Staff"][..]),
    ] {
        let mut links = Children::of_new(PosProfile::ensure(tx, writer, profile).await?);
        for name in names {
            let Some(customer_group_id) = groups.named(name) else { continue };
            let external_id = Some(format!("{profile}-{}", slug(name)));
            let link = PosCustomerGroupAttributes { external_id, customer_group_id };
            links.insert(writer, None, link)?;
        }
        links.save(tx, writer).await?;
    }
    Ok(())
}
