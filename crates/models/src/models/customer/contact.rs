//! A customer's contact persons.

use std::collections::HashMap;

use super::{
    CustomerAttributes, NewContact, extension,
    new::extensions_of,
    search::{person_name, text},
};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    id::NodeType,
    models::{
        Error, Violation, Violations,
        attribute::{
            Defaulted, Derived, Email, Filterable, Flag, Folded, Keyed, Line, Optional, Phone,
            attributes,
        },
        child::{Child, ChildAttributes, ChildChange, Children},
        filter::NoTest,
        mutable::{Create, Created},
        search::{KeyKind, SearchedField, SearchedText},
        search_key::fold,
        violation::paths,
    },
};

pub type CustomerContact = Child<CustomerContactAttributes>;

attributes! {
    customer_contacts;
    /// The writable attributes of a contact.
    pub struct CustomerContactAttributes {
        /// ID chosen by the client. Unique among the contacts of all customers.
        external_id: Filterable<Optional<Line>>,
        /// Whether it is the customer's primary contact. A customer has at most one: making another contact
        /// primary replaces it. `customerCreate` accepts at most one primary contact.
        #[serde(skip)]
        is_primary: Filterable<Defaulted<Flag>>,
        /// Name for display. Default: derived from the other fields.
        display_name: Optional<Line>,
        /// First name.
        #[filter = "First name, compared ignoring case and accents."]
        first_name: Folded<Optional<Line>>,
        /// Last name.
        #[filter = "Last name, compared ignoring case and accents."]
        last_name: Folded<Optional<Line>>,
        /// Job title, like `Owner`.
        title: Optional<Line>,
        /// E-mail address, like `name@example.com`.
        #[filter = "E-mail address, compared ignoring case and accents."]
        email_id: Folded<Optional<Email>>,
        /// Mobile phone number. Any format is accepted.
        #[filter = "Mobile phone number, compared in E.164: any spelling matches."]
        mobile_no: Keyed<Optional<Phone>>,
        /// The folded first name.
        #[serde(skip)]
        first_name_key: Derived<Option<String>>,
        /// The folded last name.
        #[serde(skip)]
        last_name_key: Derived<Option<String>>,
        /// The folded e-mail address.
        #[serde(skip)]
        email_id_key: Derived<Option<String>>,
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

impl ChildAttributes for CustomerContactAttributes {
    type Parent = CustomerAttributes;
    type New = NewContactOf;
    type Change = ChildChange<Self>;
    const FIELD: &str = "contacts";
    const NODE_TYPE: NodeType = NodeType::CustomerContact;
    const IS_REFERENCED: bool = true;

    const SHOWS_PLACE: bool = false;

    const SEARCHED: &'static [SearchedText<Self>] = &[
        text(SearchedField::ContactMobileNo, KeyKind::Phone, &["mobile_no"], |it| {
            it.mobile_no.clone()
        }),
        text(SearchedField::ContactEmailId, KeyKind::Email, &["email_id"], |it| {
            it.email_id.clone()
        }),
        text(SearchedField::ContactName, KeyKind::Words, &["first_name", "last_name"], |it| {
            person_name(it.first_name.as_deref(), it.last_name.as_deref())
        }),
        text(SearchedField::ContactDisplayName, KeyKind::Words, &["display_name"], |it| {
            it.display_name.clone()
        }),
    ];

    type Test = NoTest;

    fn derive(&mut self) {
        self.first_name_key = self.first_name.as_deref().map(fold);
        self.last_name_key = self.last_name.as_deref().map(fold);
        self.email_id_key = self.email_id.as_deref().map(fold);
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        (self.is_primary && other.is_primary).then(Violation::second_primary)
    }

    fn is_primary(&self) -> bool {
        self.is_primary
    }

    fn set_primary(&mut self, is_primary: bool) {
        self.is_primary = is_primary;
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

/// A new contact of that customer, with its extensions.
pub struct NewContactOf {
    pub customer: Uid,
    pub contact: NewContact,
}

impl Create<CustomerContact> for NewContactOf {
    async fn create_in(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<CustomerContact>, Error> {
        let Self { customer, contact: new } = self;
        let tenant = writer.tenant();
        let contacts = Children::lock(tx, tenant, customer).await?;
        let mut contacts = contacts.ok_or_else(CustomerContactAttributes::no_parent)?;
        let customer = contacts.parent();
        let mut extensions = Children::of_locked(tx, tenant, customer).await?;
        let id = contacts.insert(writer, None, new.attributes)?;
        let ids = extensions.insert_list(writer, extensions_of(id, new.extensions));
        let paths = paths("extensions", customer, &ids);
        let mut violations = Violations::default();
        violations.take_at(&HashMap::new(), contacts.check());
        violations.take_at(&paths, extensions.check());
        violations.finish()?;
        let contact = contacts.save_with(tx, writer, id).await?;
        let mut violations = Violations::default();
        violations.take_at(&paths, extensions.check_stored(tx, tenant).await?);
        violations.finish()?;
        extensions.write(tx, writer).await?;
        Ok(contact.into())
    }
}
