//! Customers.

mod input;
mod mutation;
mod query;

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

use super::{
    connection::{ConnectionOf, PageArgs, Parent, connection, cost},
    customer_group::{CustomerGroup, CustomerGroupFilter, CustomerGroupOrder},
    error::Error,
};
use crate::{
    db::types::{Decimal, Timestamp, Uid},
    id::NodeType,
    models::{self, customer_group::CustomerGroupRelation},
};

pub use self::{
    input::{CustomerFilter, CustomerOrder},
    mutation::CustomerMutation,
    query::CustomerQuery,
};

/// A customer: a company, a person or a partnership that buys.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Customer {
    #[graphql(skip)]
    uid: Uid,
    #[graphql(skip)]
    customer_group_uid: Option<Uid>,
    /// The id that the client chose; unique among the customers.
    external_id: Option<String>,
    /// The name: of the company, or of the person in full.
    customer_name: String,
    /// What kind of customer it is.
    customer_type: CustomerType,
    /// The first name of the person, or of the one to talk to.
    first_name: Option<String>,
    /// The last name of the person, or of the one to talk to.
    last_name: Option<String>,
    /// The gender of the person.
    gender: Option<String>,
    /// The e-mail address.
    email_id: Option<String>,
    /// The number of the mobile phone, as it was given.
    mobile_no: Option<String>,
    /// The address of the web site.
    website: Option<String>,
    /// The address of a picture.
    image: Option<String>,
    /// The language to write to the customer in.
    language: Option<String>,
    /// The sales territory: an identifier of another system.
    territory: Option<String>,
    /// The segment of the market.
    market_segment: Option<String>,
    /// The industry.
    industry: Option<String>,
    /// Who looks after the customer: a user of another system.
    account_manager: Option<String>,
    /// The customer's id at the points of sale.
    customer_pos_id: Option<String>,
    /// Anything worth knowing; may be printed on documents.
    customer_details: Option<String>,
    /// The tax id: a VAT number, or what the country has instead.
    tax_id: Option<String>,
    /// The tax category: an identifier of another system.
    tax_category: Option<String>,
    /// The category for withholding tax: an identifier of another system.
    tax_withholding_category: Option<String>,
    /// The group for withholding tax: an identifier of another system.
    tax_withholding_group: Option<String>,
    /// The currency to bill in: an ISO 4217 code.
    default_currency: Option<String>,
    /// The price list: an identifier of another system.
    default_price_list: Option<String>,
    /// The bank account of the company to be paid to: an identifier of another system.
    default_bank_account: Option<String>,
    /// The name of the payment terms, in another system.
    payment_terms: Option<String>,
    /// The sales partner: an identifier of another system.
    default_sales_partner: Option<String>,
    /// The sales partner's commission, in percent.
    default_commission_rate: Option<Decimal>,
    /// The lead that the customer came from: an identifier of another system.
    lead_name: Option<String>,
    /// The opportunity that the customer came from: an identifier of another system.
    opportunity_name: Option<String>,
    /// The prospect that the customer came from: an identifier of another system.
    prospect_name: Option<String>,
    /// The company of one's own that an internal customer stands for.
    represents_company: Option<String>,
    /// Is the customer a company of one's own?
    is_internal_customer: bool,
    /// Is the customer closed for new transactions?
    disabled: bool,
    /// Are the customer's accounts frozen?
    is_frozen: bool,
    /// May the customer be invoiced without a sales order?
    so_required: bool,
    /// May the customer be invoiced without a delivery note?
    dn_required: bool,
    /// When the customer was created.
    created_at: Timestamp,
    /// When the customer was last changed.
    updated_at: Timestamp,
    /// The name of the credential that created the customer.
    created_by: String,
    /// The name of the credential that changed the customer last.
    last_modified_by: String,
}

/// Kinds of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::CustomerType")]
pub enum CustomerType {
    /// A company.
    Company,
    /// A person.
    Individual,
    /// A partnership.
    Partnership,
}

impl From<models::Customer> for Customer {
    fn from(row: models::Customer) -> Self {
        let it = row.attributes;
        Self {
            uid: row.id,
            customer_group_uid: it.customer_group_id,
            external_id: it.external_id,
            customer_name: it.customer_name,
            customer_type: it.customer_type.into(),
            first_name: it.first_name,
            last_name: it.last_name,
            gender: it.gender,
            email_id: it.email_id,
            mobile_no: it.mobile_no,
            website: it.website,
            image: it.image,
            language: it.language,
            territory: it.territory,
            market_segment: it.market_segment,
            industry: it.industry,
            account_manager: it.account_manager,
            customer_pos_id: it.customer_pos_id,
            customer_details: it.customer_details,
            tax_id: it.tax_id,
            tax_category: it.tax_category,
            tax_withholding_category: it.tax_withholding_category,
            tax_withholding_group: it.tax_withholding_group,
            default_currency: it.default_currency,
            default_price_list: it.default_price_list,
            default_bank_account: it.default_bank_account,
            payment_terms: it.payment_terms,
            default_sales_partner: it.default_sales_partner,
            default_commission_rate: it.default_commission_rate,
            lead_name: it.lead_name,
            opportunity_name: it.opportunity_name,
            prospect_name: it.prospect_name,
            represents_company: it.represents_company,
            is_internal_customer: it.is_internal_customer,
            disabled: it.disabled,
            is_frozen: it.is_frozen,
            so_required: it.so_required,
            dn_required: it.dn_required,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by: row.created_by,
            last_modified_by: row.last_modified_by,
        }
    }
}

#[ComplexObject]
impl Customer {
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::Customer.id(self.uid).to_string().into()
    }

    /// The primary group: one of `customerGroups`.
    async fn customer_group(&self, ctx: &Context<'_>) -> Option<Result<CustomerGroup, Error>> {
        CustomerGroup::load(ctx, self.customer_group_uid?).await.transpose()
    }

    /// All groups that the customer is in. Most recently created first, unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn customer_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, at most 100,000.")] offset: Option<i32>,
        #[graphql(desc = "The order. Default: most recently created first.")] order_by: Option<
            CustomerGroupOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<CustomerGroupFilter>,
    ) -> Result<ConnectionOf<CustomerGroup>, Error> {
        let parent = Parent { uid: self.uid, relation: CustomerGroupRelation::OfCustomer };
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) =
            (order_by.unwrap_or_default().into(), CustomerGroupFilter::tests(filter)?);
        let name = "Customer.customerGroups";
        connection::<models::CustomerGroup, _>(ctx, name, Some(parent), args, order, filter).await
    }
}
