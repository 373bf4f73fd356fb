#pragma once

#include <array>

namespace lvng::crm::sqlite {

/// The schema, step by step: see `sql::MigrationScripts`. A script is never changed once released,
/// only followed by new ones. Every table starts with `lvng_`, every key with
/// `tenant_id`; only `lvng_migrations`, which belongs to the file, has none,
/// and `lvng_api_key_tenants`, which says the tenant.
inline constexpr std::array<const char*, 5> migration_scripts{
    R"sql(
create table lvng_migrations (
  version integer primary key,
  applied_at text not null default (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) strict;

-- Lists (tags, other_emails, other_phones, *_keys) are texts joined by U+001F.
-- Times are milliseconds since 1970 in UTC. Checks say `or`: for `in` with more than two texts SQLite
-- makes a table of them at every insert.
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
  source text not null
    check (source = 'manual' or source = 'meeting' or source = 'message' or source = 'email'),
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
  primary key (id, user_id, tenant_id)
) strict;

-- The order of lists, and everything a filter looks at. Partial so that no statement about one
-- contact is planned along it; see docs/decisions/order-of-keys.md.
create index lvng_contacts_in_order
  on lvng_contacts (tenant_id, user_id, name_key, id, source, search_key, tags_key)
  where source <> '';

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
    R"sql(
-- The tenants that have something here, so that upkeep can go through them one by one.
create table lvng_tenants (
  tenant_id text not null primary key
) strict, without rowid;
insert into lvng_tenants select distinct tenant_id from lvng_books
  union select tenant_id from lvng_users;

-- Keys begin with what is rare, an id: a database that knows no numbers of a tenant yet takes it for
-- as good as any other column, and would go through all that a tenant has.
create table lvng_conversations (
  tenant_id text not null,
  id blob not null check (length(id) = 16),
  type text not null check (type = 'direct' or type = 'group' or type = 'project'),
  name text,
  description text,
  project_id text,
  parent_message_id blob,
  is_archived integer not null,
  settings text not null,
  agent_run_limit integer,
  -- The two ids of a direct pair, smaller first, joined by a blank; null where the pair may have
  -- more than one.
  direct_key text,
  created_by text not null,
  created_at integer not null,
  updated_at integer not null,
  member_count integer not null,
  last_number integer not null,
  message_count integer not null,
  agent_run integer not null,
  last_event integer not null,
  event_at integer not null,
  primary key (id, tenant_id)
) strict, without rowid;
create unique index lvng_conversations_direct on lvng_conversations (direct_key, tenant_id)
  where direct_key is not null;
-- Partial only so that no statement is planned along it but those of upkeep, which say the same.
create index lvng_conversations_of_tenant on lvng_conversations (tenant_id, id)
  where created_by <> '';

-- Unread of a member: the conversation's message_count less seen_count.
create table lvng_members (
  tenant_id text not null,
  conversation_id blob not null,
  user_id text not null,
  role text not null check (role = 'member' or role = 'admin'),
  member_type text not null
    check (member_type = 'user' or member_type = 'twin' or member_type = 'agent'),
  joined_at integer not null,
  joined_number integer not null,
  seen_count integer not null,
  primary key (conversation_id, user_id, tenant_id)
) strict, without rowid;
create index lvng_members_by_user on lvng_members (user_id, tenant_id, conversation_id);

-- What those who left had been, for when they come back.
create table lvng_former_members (
  tenant_id text not null,
  conversation_id blob not null,
  user_id text not null,
  member_type text not null,
  primary key (conversation_id, user_id, tenant_id)
) strict, without rowid;

create table lvng_messages (
  tenant_id text not null,
  conversation_id blob not null,
  number integer not null,
  id blob not null check (length(id) = 16),
  user_id text not null,
  sender_type text not null
    check (sender_type = 'user' or sender_type = 'twin' or sender_type = 'agent'),
  type text not null check (type = 'user' or type = 'twin' or type = 'agent' or type = 'system'),
  parent_message_id blob,
  created_at integer not null,
  updated_at integer not null,
  edited_at integer,
  deleted_at integer,
  content text not null,
  search_key text not null,
  metadata text not null,
  primary key (conversation_id, number, tenant_id)
) strict;
create unique index lvng_messages_by_id on lvng_messages (id, tenant_id);

create table lvng_receipts (
  tenant_id text not null,
  conversation_id blob not null,
  user_id text not null,
  number integer not null,
  read_at integer not null,
  primary key (conversation_id, user_id, number, tenant_id)
) strict, without rowid;

-- An event refers to its message by number: content stands in one place, and goes with it.
-- `about` is a list of users (created, deleted, member) or of message ids (read).
create table lvng_events (
  tenant_id text not null,
  conversation_id blob not null,
  number integer not null,
  type text not null,
  at integer not null,
  message_number integer,
  by_user text,
  member_type text,
  about text,
  primary key (conversation_id, number, tenant_id)
) strict;
create index lvng_events_by_age on lvng_events (tenant_id, at, conversation_id, number)
  where type <> '';

-- Deleted conversations that had too much in them for one transaction.
create table lvng_remains (
  tenant_id text not null,
  conversation_id blob not null,
  primary key (tenant_id, conversation_id)
) strict, without rowid;
)sql",
    R"sql(
-- `id` is the first half of the SHA-256 of a key, `digest_rest` the other half.
create table lvng_api_keys (
  tenant_id text not null,
  id blob not null check (length(id) = 16),
  digest_rest blob not null check (length(digest_rest) = 16),
  user_id text not null,
  can_read integer not null,
  can_write integer not null,
  hint text not null,
  created_at integer not null,
  expires_at integer,
  revoked_at integer,
  last_used_at integer,
  primary key (tenant_id, id)
) strict, without rowid;

-- Who presents a key does not say whose it is.
create table lvng_api_key_tenants (
  key_id blob not null primary key,
  tenant_id text not null
) strict, without rowid;

-- What requests were answered, by the keys that their senders gave them. The key of the table
-- begins with what is rare; see docs/decisions/order-of-keys.md, also for the index.
create table lvng_replays (
  tenant_id text not null,
  user_id text not null,
  request_key text not null,
  fingerprint text not null,
  claimed_at integer not null,
  answer text not null,
  primary key (request_key, user_id, tenant_id)
) strict;
create index lvng_replays_by_age on lvng_replays (tenant_id, claimed_at, request_key, user_id)
  where request_key <> '';
)sql",
    R"sql(
-- Another one after every change to a contact of the book.
alter table lvng_books add column version integer not null default 0;
)sql",
    R"sql(
-- A message is its own event, that of its sending. Null where that has a row in lvng_events, as
-- before this version.
alter table lvng_messages add column event_number integer;
-- How many messages had been sent before the event; null in rows from before this version.
alter table lvng_events add column messages_before integer;
)sql",
};

}  // namespace lvng::crm::sqlite
