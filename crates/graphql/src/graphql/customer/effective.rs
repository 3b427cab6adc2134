//! The values in effect for a customer.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};

use crate::{
    db::{
        pick::ColumnSet,
        types::{Decimal, Uid},
    },
    graphql::{
        columns, context::ContextExt, customer_group::CustomerGroup, error::Error,
        loader::InheritedBy, memory, node::RowNode,
    },
    models::{
        self,
        customer::{Effective, Source},
    },
};

/// Values in effect for a customer. Each is the customer's own value if it is set, otherwise that of its primary group,
/// of the nearest ancestor of that group that has one, or the tenant's default. 0 counts as a value; only `null` falls
/// back to the next level.
#[derive(SimpleObject)]
pub struct CustomerEffective {
    /// Price list; an identifier from another system.
    default_price_list: EffectiveText,
    /// Payment terms; a name from another system.
    payment_terms: EffectiveText,
    /// Payment period, in days.
    payment_terms_days: EffectiveInt,
    /// Maximum amount that the customer may owe, in its `defaultCurrency`. 0, or `null` at all levels,
    /// means no limit. The limit is not enforced here.
    credit_limit: EffectiveDecimal,
    /// Language for correspondence; free text, like `nb`.
    language: EffectiveText,
}

/// Declares the object types for values in effect.
macro_rules! effective {
    ($($(#[doc = $doc:literal])+ $Name:ident: $Value:ty,)+) => {$(
        $(#[doc = $doc])+
        #[derive(SimpleObject)]
        pub struct $Name {
            /// The value; `null` if there is none at any level.
            value: Option<$Value>,
            /// Where the value comes from; `null` if there is no value.
            source: Option<EffectiveSource>,
        }

        impl From<Option<($Value, Source)>> for $Name {
            fn from(effective: Option<($Value, Source)>) -> Self {
                let (value, source) = effective.unzip();
                Self { value, source: source.map(EffectiveSource::from) }
            }
        }
    )+};
}

effective! {
    /// A text in effect for a customer, with its source.
    EffectiveText: String,
    /// A whole number in effect for a customer, with its source.
    EffectiveInt: i32,
    /// A decimal in effect for a customer, with its source.
    EffectiveDecimal: Decimal,
}

/// The source of a value in effect for a customer.
#[derive(Clone, Copy, SimpleObject)]
#[graphql(complex)]
pub struct EffectiveSource {
    /// Kind of the source.
    kind: EffectiveSourceKind,
    #[graphql(skip)]
    group: Option<Uid>,
}

/// Kinds of sources of values in effect for a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum EffectiveSourceKind {
    /// The customer itself.
    Customer,
    /// The customer's primary group, or a group above it.
    CustomerGroup,
    /// The tenant's defaults.
    Tenant,
}

impl From<Source> for EffectiveSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Customer => Self { kind: EffectiveSourceKind::Customer, group: None },
            Source::Group(group) => {
                Self { kind: EffectiveSourceKind::CustomerGroup, group: Some(group) }
            }
            Source::Tenant => Self { kind: EffectiveSourceKind::Tenant, group: None },
        }
    }
}

#[ComplexObject]
impl EffectiveSource {
    /// The group; `null` unless `kind` is `CUSTOMER_GROUP`.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<CustomerGroup, Error>> {
        group(ctx, self.group?).await.transpose()
    }
}

/// The group with this id. It is loaded only if fields other than the id are selected.
async fn group(ctx: &Context<'_>, id: Uid) -> Result<Option<CustomerGroup>, Error> {
    let columns = columns::of_objects::<CustomerGroup>(ctx);
    if columns == ColumnSet::ID {
        memory::take_id(ctx)?;
        return Ok(Some(models::CustomerGroup { id, ..models::CustomerGroup::default() }.into()));
    }
    CustomerGroup::load_columns(ctx, id, columns).await
}

/// The values in effect for the customer.
pub async fn of(
    ctx: &Context<'_>,
    customer: &models::Customer,
) -> Result<CustomerEffective, Error> {
    let attributes = &customer.attributes;
    let key = InheritedBy(attributes.customer_group_id);
    let levels = ctx.loader()?.load(key, ColumnSet::ID).await?.unwrap_or_default();
    let effective = Effective::of(attributes, &levels);
    memory::take_values(ctx, effective.longest_text())?;
    Ok(CustomerEffective {
        default_price_list: effective.default_price_list.into(),
        payment_terms: effective.payment_terms.into(),
        payment_terms_days: effective.payment_terms_days.into(),
        credit_limit: effective.credit_limit.into(),
        language: effective.language.into(),
    })
}
