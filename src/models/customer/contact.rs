//! A customer's contact persons.

use std::collections::HashMap;

use diesel::{ExpressionMethods, prelude::*};
use serde::{Deserialize, Serialize};

use super::{Customer, MaybePrimary, NewContact, extension};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, insert_all,
        pick::columns_of,
        schema::customer_contacts,
        sql::{Column, Condition},
        types::Uid,
    },
    models::{
        Error, Violation, Violations,
        child::{Child, ChildAttributes, Children, child_queries},
        filter::ExactTest,
        search_key::fold,
        violation::paths,
    },
};

const TABLE: &str = "customer_contacts";
const EMAIL_ID: Column = Column::of::<customer_contacts::email_id>(TABLE);
const EMAIL_ID_KEY: Column = Column::of::<customer_contacts::email_id_key>(TABLE);
const MOBILE_NO: Column = Column::of::<customer_contacts::mobile_no>(TABLE);

pub type CustomerContact = Child<CustomerContactAttributes>;

columns_of! {
    customer_contacts;
    /// The writable attributes of a contact.
    #[derive(
        Clone,
        Debug,
        Default,
        PartialEq,
        Eq,
        Insertable,
        Queryable,
        Selectable,
        Serialize,
        Deserialize,
    )]
    #[diesel(table_name = customer_contacts)]
    #[diesel(treat_none_as_default_value = false)]
    #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
    pub struct CustomerContactAttributes {
        pub external_id: Option<String>,
        /// A customer has at most one primary contact: the one set last.
        #[serde(skip)]
        pub is_primary: bool,
        pub display_name: Option<String>,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub title: Option<String>,
        pub email_id: Option<String>,
        pub mobile_no: Option<String>,
        /// The folded e-mail address, derived when the contact is checked.
        #[serde(skip)]
        pub email_id_key: Option<String>,
    }
}

impl CustomerContactAttributes {
    /// The name for display: the given one, the person's name, or else a way to reach the contact.
    pub fn display_name(&self) -> String {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = (!name.is_empty()).then_some(name);
        let named = self.display_name.clone().or(name);
        let reached = || self.email_id.clone().or_else(|| self.mobile_no.clone());
        named.or_else(reached).or_else(|| self.title.clone()).unwrap_or_default()
    }
}

/// The filter conditions on a contact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CustomerContactTest {
    IsPrimary(bool),
    EmailId(ExactTest),
    MobileNo(ExactTest),
}

impl ChildAttributes for CustomerContactAttributes {
    child_queries!(customer_contacts, customer_id, "customers", Customer);

    const SHOWS_PLACE: bool = false;

    type Test = CustomerContactTest;

    fn test_condition(_tenant: &Tenant, test: &CustomerContactTest) -> Condition {
        match test {
            CustomerContactTest::IsPrimary(value) => Condition::flag(Self::IS_PRIMARY, *value),
            CustomerContactTest::EmailId(test) => test.folded_condition(EMAIL_ID, EMAIL_ID_KEY),
            CustomerContactTest::MobileNo(test) => test.condition(MOBILE_NO),
        }
    }

    fn check(&mut self) -> Result<(), Error> {
        let mut violations = Violations::default();
        violations.email("emailId", &mut self.email_id);
        for (field, value) in [
            ("externalId", &mut self.external_id),
            ("displayName", &mut self.display_name),
            ("firstName", &mut self.first_name),
            ("lastName", &mut self.last_name),
            ("title", &mut self.title),
            ("mobileNo", &mut self.mobile_no),
        ] {
            violations.line(field, value);
        }
        self.email_id_key = self.email_id.as_deref().map(fold);
        violations.finish()
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        (self.is_primary && other.is_primary).then(Violation::second_primary)
    }

    fn yield_to(&mut self, changed: &Self) {
        self.is_primary &= !changed.is_primary;
    }

    /// Deletes the contact's extensions; the remaining ones close the gaps.
    async fn before_delete(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        contact: &Child<Self>,
    ) -> Result<(), db::Error> {
        extension::delete_of_contact(tx, writer, contact.parent, contact.id).await
    }
}

/// Adds a contact with its extensions to a customer; `None` if the customer does not exist.
pub async fn create(
    conn: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Uid,
    new: NewContact,
) -> Result<Option<CustomerContact>, Error> {
    conn.transaction(async |tx| {
        let tenant = writer.tenant();
        let contacts = Children::lock(tx, tenant, customer).await?;
        let Some(mut contacts) = contacts else { return Ok(None) };
        let mut extensions = Children::of_locked(tx, tenant, customer).await?;
        let id = contacts.insert(writer, None, new.attributes.clone())?;
        let paths =
            paths("extensions", customer, &extensions.insert_list(writer, new.extensions_of(id)));
        let mut violations = Violations::default();
        violations.take_at(&HashMap::new(), contacts.check());
        violations.take_at(&paths, extensions.check());
        violations.finish()?;
        let saved = contacts.save(tx, writer).await?;
        let mut violations = Violations::default();
        violations.take_at(&paths, extensions.check_stored(tx, tenant).await?);
        violations.finish()?;
        extensions.write(tx, writer).await?;
        Ok(saved.into_iter().find(|contact| contact.id == id))
    })
    .await
}
