//! Extensions: registrations of customers and contacts with third-party services.

use std::collections::HashSet;

use super::{CustomerAttributes, contact::CustomerContact};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, types::Uid},
    id::NodeType,
    models::{
        Code, Row, Violation,
        attribute::{Filterable, Line, Optional, Reference, Required, attributes},
        child::{Child, ChildAttributes, ChildChange, Children, NewChild},
        filter::NoTest,
    },
};

pub type CustomerExtension = Child<CustomerExtensionAttributes>;

attributes! {
    customer_extensions;
    /// The writable attributes of an extension.
    pub struct CustomerExtensionAttributes {
        /// ID chosen by the client. Unique among the extensions of all customers.
        external_id: Filterable<Optional<Line>>,
        /// ID of the registered contact; `null` if the customer itself is registered. The contact must belong
        /// to the customer.
        #[serde(skip)]
        contact_id: Filterable<Optional<Reference<CustomerContact>>>,
        /// Code of the service, like `TWO_INVOICE`. Unique among the extensions of the customer itself, or of
        /// the contact.
        extension_code: Filterable<Required<Line>>,
        /// ID of the customer or contact at the service.
        organization_uid: Filterable<Optional<Line>>,
    }
}

impl ChildAttributes for CustomerExtensionAttributes {
    type Parent = CustomerAttributes;
    type New = NewChild<Self>;
    type Change = ChildChange<Self>;
    const FIELD: &str = "extensions";
    const NODE_TYPE: NodeType = NodeType::CustomerExtension;

    const SHOWS_PLACE: bool = false;

    type Test = NoTest;

    fn clash(&self, other: &Self) -> Option<Violation> {
        let message = "there is an extension of this code already";
        (self.contact_id == other.contact_id && self.extension_code == other.extension_code)
            .then(|| Violation::new("extensionCode", Code::Taken, message))
    }

    async fn check_stored(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        _list: &[Child<Self>],
        changed: &[&Child<Self>],
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let contacts = changed.iter().filter_map(|child| child.attributes.contact_id);
        let contacts: Vec<Uid> = contacts.collect();
        if contacts.is_empty() {
            return Ok(Vec::new());
        }
        let found = CustomerContact::find_many(tx, tenant, &contacts).await?;
        let found: HashSet<(Uid, Uid)> = found.iter().map(|it| (it.id, it.parent)).collect();
        let is_missing = |child: &&&Child<Self>| {
            let contact = child.attributes.contact_id;
            contact.is_some_and(|contact| !found.contains(&(contact, child.parent)))
        };
        let violation = |child: &&Child<Self>| {
            let message = "the customer has no contact with this id";
            (child.id, Violation::new("contactId", Code::NotFound, message))
        };
        Ok(changed.iter().filter(is_missing).map(violation).collect())
    }
}

/// Deletes the extensions of a customer's contact.
pub(super) async fn delete_of_contact(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Uid,
    contact: Uid,
) -> Result<(), db::Error> {
    let extensions =
        Children::<CustomerExtensionAttributes>::lock(tx, writer.tenant(), customer).await?;
    let Some(mut extensions) = extensions else { return Ok(()) };
    let of_contact =
        extensions.list().iter().filter(|it| it.attributes.contact_id == Some(contact));
    let of_contact: Vec<Uid> = of_contact.map(|it| it.id).collect();
    for id in of_contact {
        extensions.take(id);
    }
    extensions.write(tx, writer).await?;
    Ok(())
}
