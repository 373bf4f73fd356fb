#pragma once

#include <array>

namespace lvng::crm::sqlite {

/// The schema, step by step: see `sql::MigrationScripts`. A script is never changed once released,
/// only followed by new ones. Every table starts with `lvng_`, every key with
/// `tenant_id`; only `lvng_migrations`, which belongs to the file, has none.
inline constexpr std::array<const char*, 1> migration_scripts{
    R"sql(
create table lvng_migrations (
  version integer primary key,
  applied_at text not null default (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) strict;

-- Lists (tags, other_emails, other_phones, *_keys) are texts joined by U+001F.
-- Times are milliseconds since 1970 in UTC.
create table lvng_contacts (
  tenant_id text not null,
  user_id text not null,
  id blob not null check (length(id) = 16),
  name text not null,
  email text,
  phone text,
  company text,
  title text,
  tags text not null,
  notes text not null,
  source text not null check (source in ('manual', 'meeting', 'message', 'email')),
  other_emails text not null,
  other_phones text not null,
  created_at integer not null,
  updated_at integer not null,
  version integer not null,
  name_key text not null,
  search_key text not null,
  tags_key text not null,
  email_keys text not null,
  phone_keys text not null,
  primary key (tenant_id, user_id, id)
) strict;

-- The order of lists, and everything a filter looks at.
create index lvng_contacts_in_order
  on lvng_contacts (tenant_id, user_id, name_key, id, source, search_key, tags_key);

create table lvng_contact_emails (
  tenant_id text not null,
  user_id text not null,
  email_key text not null,
  contact_id blob not null,
  primary key (tenant_id, user_id, email_key)
) strict, without rowid;

create table lvng_contact_phones (
  tenant_id text not null,
  user_id text not null,
  phone_key text not null,
  contact_id blob not null,
  primary key (tenant_id, user_id, phone_key, contact_id)
) strict, without rowid;

create table lvng_books (
  tenant_id text not null,
  user_id text not null,
  contact_count integer not null,
  primary key (tenant_id, user_id)
) strict, without rowid;

create table lvng_users (
  tenant_id text not null,
  user_id text not null,
  name text not null,
  email text not null,
  primary key (tenant_id, user_id)
) strict, without rowid;
)sql",
};

}  // namespace lvng::crm::sqlite
