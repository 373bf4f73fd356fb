#pragma once

#include <array>

namespace lvng::crm::postgresql {

/// The n-th script makes schema version n of version n - 1. Scripts are never changed once
/// released, only followed by new ones. Every table starts with `lvng_`, every key with
/// `tenant_id`; only `lvng_migrations`, which belongs to the database, has none. Row-level
/// security binds the owner too, so a script that changes rows switches it off for its table
/// (`no force row level security`) and on again.
inline constexpr std::array<const char*, 1> migration_scripts{
    R"sql(
create table lvng_migrations (
  version integer primary key,
  applied_at timestamptz not null default now()
);

-- Lists (tags, other_emails, other_phones, *_keys) are texts joined by U+001F.
-- Times are milliseconds since 1970 in UTC. Keys compare byte by byte, as on SQLite.
create table lvng_contacts (
  tenant_id text collate "C" not null,
  user_id text collate "C" not null,
  id uuid not null,
  name text collate "C" not null,
  email text collate "C",
  phone text collate "C",
  company text collate "C",
  title text collate "C",
  tags text collate "C" not null,
  notes text collate "C" not null,
  source text collate "C" not null check (source in ('manual', 'meeting', 'message', 'email')),
  other_emails text collate "C" not null,
  other_phones text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null,
  name_key text collate "C" not null,
  search_key text collate "C" not null,
  tags_key text collate "C" not null,
  email_keys text collate "C" not null,
  phone_keys text collate "C" not null,
  primary key (tenant_id, user_id, id)
);

-- The order of lists. What a filter looks at may be longer than an index row, so it stands in
-- the table alone.
create index lvng_contacts_in_order on lvng_contacts (tenant_id, user_id, name_key, id);

create table lvng_contact_emails (
  tenant_id text collate "C" not null,
  user_id text collate "C" not null,
  email_key text collate "C" not null,
  contact_id uuid not null,
  primary key (tenant_id, user_id, email_key)
);

create table lvng_contact_phones (
  tenant_id text collate "C" not null,
  user_id text collate "C" not null,
  phone_key text collate "C" not null,
  contact_id uuid not null,
  primary key (tenant_id, user_id, phone_key, contact_id)
);

create table lvng_books (
  tenant_id text collate "C" not null,
  user_id text collate "C" not null,
  contact_count bigint not null,
  primary key (tenant_id, user_id)
);

create table lvng_users (
  tenant_id text collate "C" not null,
  user_id text collate "C" not null,
  name text collate "C" not null,
  email text collate "C" not null,
  primary key (tenant_id, user_id)
);

-- A setting that was never made reads as null, one whose transaction has ended as '': both are
-- nobody. What `using` says holds for written rows too.
alter table lvng_contacts enable row level security, force row level security;
create policy lvng_owner on lvng_contacts using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and user_id = nullif(current_setting('lvng.user_id', true), ''));
alter table lvng_contact_emails enable row level security, force row level security;
create policy lvng_owner on lvng_contact_emails using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and user_id = nullif(current_setting('lvng.user_id', true), ''));
alter table lvng_contact_phones enable row level security, force row level security;
create policy lvng_owner on lvng_contact_phones using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and user_id = nullif(current_setting('lvng.user_id', true), ''));
alter table lvng_books enable row level security, force row level security;
create policy lvng_owner on lvng_books using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and user_id = nullif(current_setting('lvng.user_id', true), ''));
alter table lvng_users enable row level security, force row level security;
create policy lvng_tenant on lvng_users using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));
)sql",
};

/// The tables whose rows belong to a tenant, for `create_distributed_table`.
inline constexpr std::array<const char*, 5> tenant_tables{
    "lvng_contacts", "lvng_contact_emails", "lvng_contact_phones", "lvng_books", "lvng_users"};

}  // namespace lvng::crm::postgresql
