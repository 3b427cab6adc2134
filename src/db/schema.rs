//! The tables, as both databases have them.
//!
//! Written for both migration trees; the test suite compares it with what the migrations make.

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::sql_types::UtcTimestamp;

    tenants (tenant_id) {
        tenant_id -> Text,
        created_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    api_keys (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        name -> Text,
        scope -> Text,
        digest -> Text,
        created_at -> UtcTimestamp,
        expires_at -> Nullable<UtcTimestamp>,
        revoked_at -> Nullable<UtcTimestamp>,
        last_used_at -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    customer_groups (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        parent_id -> Nullable<Uid>,
        is_group -> Bool,
        customer_group_name -> Text,
        customer_group_name_key -> Text,
        default_price_list -> Nullable<Text>,
        payment_terms -> Nullable<Text>,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
        created_by -> Text,
        last_modified_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::sql_types::{ExactDecimal, Uid, UtcTimestamp};

    customers (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        customer_name -> Text,
        customer_type -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        gender -> Nullable<Text>,
        email_id -> Nullable<Text>,
        mobile_no -> Nullable<Text>,
        website -> Nullable<Text>,
        image -> Nullable<Text>,
        language -> Nullable<Text>,
        customer_group_id -> Nullable<Uid>,
        territory -> Nullable<Text>,
        market_segment -> Nullable<Text>,
        industry -> Nullable<Text>,
        account_manager -> Nullable<Text>,
        customer_pos_id -> Nullable<Text>,
        customer_details -> Nullable<Text>,
        tax_id -> Nullable<Text>,
        tax_category -> Nullable<Text>,
        tax_withholding_category -> Nullable<Text>,
        tax_withholding_group -> Nullable<Text>,
        default_currency -> Nullable<Text>,
        default_price_list -> Nullable<Text>,
        default_bank_account -> Nullable<Text>,
        payment_terms -> Nullable<Text>,
        default_sales_partner -> Nullable<Text>,
        default_commission_rate -> Nullable<ExactDecimal>,
        lead_name -> Nullable<Text>,
        opportunity_name -> Nullable<Text>,
        prospect_name -> Nullable<Text>,
        represents_company -> Nullable<Text>,
        is_internal_customer -> Bool,
        disabled -> Bool,
        is_frozen -> Bool,
        so_required -> Bool,
        dn_required -> Bool,
        customer_name_key -> Text,
        email_id_key -> Text,
        mobile_no_key -> Text,
        tax_id_key -> Text,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
        created_by -> Text,
        last_modified_by -> Text,
        display_name -> Nullable<Text>,
        account_manager_name -> Nullable<Text>,
        account_manager_code -> Nullable<Text>,
        loyalty_id -> Nullable<Text>,
        loyalty_program_id -> Nullable<Uid>,
        loyalty_program_tier_id -> Nullable<Uid>,
        ledger_number -> Nullable<Text>,
        origin -> Nullable<Text>,
        internal_note -> Nullable<Text>,
        payment_terms_days -> Nullable<Integer>,
        credit_limit -> Nullable<ExactDecimal>,
        credit_balance -> Nullable<ExactDecimal>,
        ehf_enabled -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    customer_group_memberships (tenant_id, customer_id, customer_group_id) {
        tenant_id -> Text,
        customer_id -> Uid,
        customer_group_id -> Uid,
        created_at -> UtcTimestamp,
        created_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::sql_types::{CalendarDate, ExactDecimal, Uid, UtcTimestamp};

    loyalty_programs (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        loyalty_program_name -> Text,
        loyalty_program_name_key -> Text,
        loyalty_program_type -> Nullable<Text>,
        from_date -> CalendarDate,
        to_date -> Nullable<CalendarDate>,
        customer_group_id -> Nullable<Uid>,
        customer_territory -> Nullable<Text>,
        auto_opt_in -> Bool,
        conversion_factor -> Nullable<ExactDecimal>,
        expiry_duration -> Nullable<Integer>,
        expense_account -> Nullable<Text>,
        cost_center -> Nullable<Text>,
        company -> Nullable<Text>,
        project -> Nullable<Text>,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
        created_by -> Text,
        last_modified_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::sql_types::{ExactDecimal, Uid, UtcTimestamp};

    loyalty_program_collections (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        loyalty_program_id -> Uid,
        idx -> Integer,
        tier_name -> Text,
        min_spent -> ExactDecimal,
        collection_factor -> ExactDecimal,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    pos_profiles (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        pos_profile_id -> Text,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    pos_customer_groups (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        profile_id -> Uid,
        idx -> Integer,
        customer_group_id -> Uid,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    supplier_numbers_at_customer (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        customer_id -> Uid,
        idx -> Integer,
        company -> Nullable<Text>,
        supplier_number -> Text,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    customer_addresses (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        customer_id -> Uid,
        idx -> Integer,
        address_type -> Text,
        is_primary -> Bool,
        display_name -> Nullable<Text>,
        company_name -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        address -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        city -> Nullable<Text>,
        region -> Nullable<Text>,
        country_code -> Nullable<Text>,
        phone -> Nullable<Text>,
        email_id -> Nullable<Text>,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    customer_contacts (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        customer_id -> Uid,
        idx -> Integer,
        is_primary -> Bool,
        display_name -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        title -> Nullable<Text>,
        email_id -> Nullable<Text>,
        mobile_no -> Nullable<Text>,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    customer_consents (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        customer_id -> Uid,
        idx -> Integer,
        name -> Text,
        status -> Bool,
        source -> Nullable<Text>,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::sql_types::{Uid, UtcTimestamp};

    customer_extensions (tenant_id, id) {
        tenant_id -> Text,
        id -> Uid,
        external_id -> Nullable<Text>,
        customer_id -> Uid,
        idx -> Integer,
        contact_id -> Nullable<Uid>,
        extension_code -> Text,
        organization_uid -> Nullable<Text>,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    customers,
    customer_groups,
    customer_group_memberships,
);
