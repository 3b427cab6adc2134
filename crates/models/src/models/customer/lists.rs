//! The lists of a customer, declared once: creation, imports and exports go through them with [`each_list!`].

use std::collections::HashMap;

use super::{
    address::CustomerAddressAttributes, consent::CustomerConsentAttributes,
    contact::CustomerContactAttributes, extension::CustomerExtensionAttributes,
};
use crate::{
    auth::Tenant,
    db::{self, Conn, Measured, types::Uid},
    models::{
        child::{Child, ChildAttributes},
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

/// One value per list of a customer, in the order of the API. `F` determines the types of the values.
#[derive(Clone, Debug, Default)]
pub struct CustomerLists<F: Family> {
    pub addresses: F::Of<CustomerAddressAttributes>,
    pub contacts: F::Of<CustomerContactAttributes>,
    pub consents: F::Of<CustomerConsentAttributes>,
    pub extensions: F::Of<CustomerExtensionAttributes>,
    pub supplier_numbers: F::Of<SupplierNumberAtCustomerAttributes>,
}

/// A family of types: one for each kind of child.
pub trait Family {
    type Of<A: ChildAttributes>: Default;
}

/// The attributes of new children.
#[derive(Clone, Debug, Default)]
pub struct NewChildren;

impl Family for NewChildren {
    type Of<A: ChildAttributes> = Vec<A>;
}

/// Rows of children, in order.
#[derive(Clone, Debug, Default)]
pub struct StoredChildren;

impl Family for StoredChildren {
    type Of<A: ChildAttributes> = Vec<Child<A>>;
}

/// Executes a statement for each field of [`CustomerLists`]: `each_list!(&mut parts, |part| part.check())`; or for
/// the fields of two of them, side by side: `each_list!((&mut parts, &lists), |part, list| part.add(list))`.
///
/// The fields have different types, so a closure cannot take them all. The macro writes the statement once for each;
/// `?` and `await` in it are those of the function around it.
#[macro_export]
macro_rules! each_list {
    (@[$($field:ident)+] ($lists:expr, $others:expr), |$list:ident, $other:ident| $each:expr) => {{
        let $crate::models::customer::CustomerLists { $($field),+ } = $lists;
        $({
            let $list = $field;
            let $crate::models::customer::CustomerLists { $field: $other, .. } = $others;
            $each;
        })+
    }};
    (@[$($field:ident)+] $lists:expr, |$list:ident| $each:expr) => {{
        let $crate::models::customer::CustomerLists { $($field),+ } = $lists;
        $({
            let $list = $field;
            $each;
        })+
    }};
    ($($lists_and_each:tt)+) => {
        each_list!(
            @[addresses contacts consents extensions supplier_numbers] $($lists_and_each)+
        )
    };
}
pub use each_list;

/// The children of each of several customers, in order. A customer without children has no entry.
pub type ByCustomer<A> = HashMap<Uid, Vec<Measured<Child<A>>>>;

/// The family of [`ByCustomer`].
#[derive(Default)]
pub struct LoadedChildren;

impl Family for LoadedChildren {
    type Of<A: ChildAttributes> = ByCustomer<A>;
}

impl CustomerLists<LoadedChildren> {
    /// Loads the lists whose fields are wanted, with one statement each.
    pub async fn load(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        customers: &[Uid],
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, db::Error> {
        let mut lists = Self::default();
        each_list!(&mut lists, |list| if is_wanted(field_of(list)) {
            *list = Child::of_parents(conn, tenant, customers).await?;
        });
        Ok(lists)
    }
}

impl CustomerLists<StoredChildren> {
    /// Takes a customer's lists out of the loaded ones.
    pub fn take(lists: &mut CustomerLists<LoadedChildren>, customer: Uid) -> Self {
        let mut taken = Self::default();
        each_list!((&mut taken, &mut *lists), |list, of_all| {
            let rows = of_all.remove(&customer).into_iter().flatten();
            *list = rows.map(Measured::into_row).collect();
        });
        taken
    }
}

fn field_of<A: ChildAttributes>(_list: &ByCustomer<A>) -> &'static str {
    A::FIELD
}
