#pragma once

#include <array>

namespace lvng::crm::postgresql {

/// The n-th script makes schema version n of version n - 1. Scripts are never changed once
/// released, only followed by new ones. Every table starts with `lvng_`, every key with
/// `tenant_id`; only `lvng_migrations`, which belongs to the database, has none, and
/// `lvng_api_key_tenants`, which says the tenant. Row-level security guards every table but those
/// two and `lvng_tenants`, and binds the owner too, so a script that
/// changes rows switches it off for its table (`no force row level security`) and on again.
inline constexpr std::array<const char*, 6> migration_scripts{
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
    R"sql(
-- The tenants that have something here, so that upkeep can go through them one by one.
create table lvng_tenants (
  tenant_id text collate "C" not null primary key
);
alter table lvng_books no force row level security;
alter table lvng_users no force row level security;
insert into lvng_tenants select distinct tenant_id from lvng_books
  union select tenant_id from lvng_users;
alter table lvng_books force row level security;
alter table lvng_users force row level security;

-- Keys begin with what is rare, an id: a database that knows no numbers of a tenant yet takes it for
-- as good as any other column, and would go through all that a tenant has.
create table lvng_conversations (
  tenant_id text collate "C" not null,
  id uuid not null,
  type text collate "C" not null check (type in ('direct', 'group', 'project')),
  name text collate "C",
  description text collate "C",
  project_id text collate "C",
  parent_message_id uuid,
  is_archived bigint not null,
  settings text collate "C" not null,
  agent_run_limit bigint,
  -- The two ids of a direct pair, smaller first, joined by a blank; null where the pair may have
  -- more than one.
  direct_key text collate "C",
  created_by text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  member_count bigint not null,
  last_number bigint not null,
  message_count bigint not null,
  agent_run bigint not null,
  last_event bigint not null,
  event_at bigint not null,
  primary key (id, tenant_id)
) with (fillfactor = 70);
create unique index lvng_conversations_direct on lvng_conversations (direct_key, tenant_id)
  where direct_key is not null;
-- Partial only so that no statement is planned along it but those of upkeep, which say the same.
create index lvng_conversations_of_tenant on lvng_conversations (tenant_id, id)
  where created_by <> '';

-- Unread of a member: the conversation's message_count less seen_count.
create table lvng_members (
  tenant_id text collate "C" not null,
  conversation_id uuid not null,
  user_id text collate "C" not null,
  role text collate "C" not null check (role in ('member', 'admin')),
  member_type text collate "C" not null check (member_type in ('user', 'twin', 'agent')),
  joined_at bigint not null,
  joined_number bigint not null,
  seen_count bigint not null,
  primary key (conversation_id, user_id, tenant_id)
) with (fillfactor = 70);
create index lvng_members_by_user on lvng_members (user_id, tenant_id, conversation_id);

-- What those who left had been, for when they come back.
create table lvng_former_members (
  tenant_id text collate "C" not null,
  conversation_id uuid not null,
  user_id text collate "C" not null,
  member_type text collate "C" not null,
  primary key (conversation_id, user_id, tenant_id)
);

create table lvng_messages (
  tenant_id text collate "C" not null,
  conversation_id uuid not null,
  number bigint not null,
  id uuid not null,
  user_id text collate "C" not null,
  sender_type text collate "C" not null check (sender_type in ('user', 'twin', 'agent')),
  type text collate "C" not null check (type in ('user', 'twin', 'agent', 'system')),
  parent_message_id uuid,
  created_at bigint not null,
  updated_at bigint not null,
  edited_at bigint,
  deleted_at bigint,
  content text collate "C" not null,
  search_key text collate "C" not null,
  metadata text collate "C" not null,
  primary key (conversation_id, number, tenant_id)
);
create unique index lvng_messages_by_id on lvng_messages (id, tenant_id);

create table lvng_receipts (
  tenant_id text collate "C" not null,
  conversation_id uuid not null,
  user_id text collate "C" not null,
  number bigint not null,
  read_at bigint not null,
  primary key (conversation_id, user_id, number, tenant_id)
);

-- An event refers to its message by number: content stands in one place, and goes with it.
-- `about` is a list of users (created, deleted, member) or of message ids (read).
create table lvng_events (
  tenant_id text collate "C" not null,
  conversation_id uuid not null,
  number bigint not null,
  type text collate "C" not null,
  at bigint not null,
  message_number bigint,
  by_user text collate "C",
  member_type text collate "C",
  about text collate "C",
  primary key (conversation_id, number, tenant_id)
);
create index lvng_events_by_age on lvng_events (tenant_id, at, conversation_id, number)
  where type <> '';

-- Deleted conversations that had too much in them for one transaction.
create table lvng_remains (
  tenant_id text collate "C" not null,
  conversation_id uuid not null,
  primary key (tenant_id, conversation_id)
);

-- Conversations belong to the tenant; whoever is no member is kept out by the statements.
alter table lvng_conversations enable row level security, force row level security;
create policy lvng_tenant on lvng_conversations using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));
alter table lvng_members enable row level security, force row level security;
create policy lvng_tenant on lvng_members using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));
alter table lvng_former_members enable row level security, force row level security;
create policy lvng_tenant on lvng_former_members using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));
alter table lvng_messages enable row level security, force row level security;
create policy lvng_tenant on lvng_messages using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));
alter table lvng_receipts enable row level security, force row level security;
create policy lvng_tenant on lvng_receipts using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));
alter table lvng_events enable row level security, force row level security;
create policy lvng_tenant on lvng_events using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));
alter table lvng_remains enable row level security, force row level security;
create policy lvng_tenant on lvng_remains using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));

-- Upkeep counts all books of a tenant. A blank is no user's id.
create policy lvng_upkeep on lvng_contacts for select using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and current_setting('lvng.user_id', true) = ' ');
create policy lvng_upkeep on lvng_books using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and current_setting('lvng.user_id', true) = ' ');
)sql",
    R"sql(
-- `id` is the first half of the SHA-256 of a key, `digest_rest` the other half.
create table lvng_api_keys (
  tenant_id text collate "C" not null,
  id uuid not null,
  digest_rest uuid not null,
  user_id text collate "C" not null,
  can_read bigint not null,
  can_write bigint not null,
  hint text collate "C" not null,
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint,
  last_used_at bigint,
  primary key (tenant_id, id)
);
alter table lvng_api_keys enable row level security, force row level security;
create policy lvng_tenant on lvng_api_keys using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), ''));

-- Who presents a key does not say whose it is, so everybody may look here: it says no more than
-- the tenant.
create table lvng_api_key_tenants (
  key_id uuid not null primary key,
  tenant_id text collate "C" not null
);

-- What requests were answered, by the keys that their senders gave them. The key of the table
-- begins with what is rare; see docs/decisions/order-of-keys.md, also for the index.
create table lvng_replays (
  tenant_id text collate "C" not null,
  user_id text collate "C" not null,
  request_key text collate "C" not null,
  fingerprint text collate "C" not null,
  claimed_at bigint not null,
  answer text collate "C" not null,
  primary key (request_key, user_id, tenant_id)
);
create index lvng_replays_by_age on lvng_replays (tenant_id, claimed_at, request_key, user_id)
  where request_key <> '';

alter table lvng_replays enable row level security, force row level security;
create policy lvng_owner on lvng_replays using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and user_id = nullif(current_setting('lvng.user_id', true), ''));
create policy lvng_upkeep on lvng_replays using (
  tenant_id = nullif(current_setting('lvng.tenant_id', true), '')
  and current_setting('lvng.user_id', true) = ' ');
)sql",
    R"sql(
-- Another one after every change to a contact of the book.
alter table lvng_books add column version bigint not null default 0;

-- As those of conversations: the rare column first, and the index that a book is gone through by
-- partial, so that no statement about one contact is planned along it.
alter table lvng_contacts drop constraint lvng_contacts_pkey;
alter table lvng_contacts add constraint lvng_contacts_pkey
  primary key (id, user_id, tenant_id);
drop index lvng_contacts_in_order;
create index lvng_contacts_in_order on lvng_contacts (tenant_id, user_id, name_key, id)
  where source <> '';
)sql",
    R"sql(
-- The server reads the text of a check anew for every statement that writes to its table; see
-- docs/decisions/postgresql.md.
alter table lvng_contacts drop constraint lvng_contacts_source_check;
alter table lvng_conversations drop constraint lvng_conversations_type_check;
alter table lvng_members drop constraint lvng_members_role_check,
  drop constraint lvng_members_member_type_check;
alter table lvng_messages drop constraint lvng_messages_sender_type_check,
  drop constraint lvng_messages_type_check;
)sql",
    R"sql(
-- A message is its own event, that of its sending. Null where that has a row in lvng_events, as
-- before this version.
alter table lvng_messages add column event_number bigint;
-- How many messages had been sent before the event; null in rows from before this version.
alter table lvng_events add column messages_before bigint;
)sql",
};

/// The tables whose rows belong to a tenant, for `create_distributed_table`.
inline constexpr std::array<const char*, 15> tenant_tables{
    "lvng_tenants",        "lvng_contacts", "lvng_contact_emails", "lvng_contact_phones",
    "lvng_books",          "lvng_users",    "lvng_conversations",  "lvng_members",
    "lvng_former_members", "lvng_messages", "lvng_receipts",       "lvng_events",
    "lvng_remains",        "lvng_api_keys", "lvng_replays"};

/// Found by key alone, so it is distributed by that.
inline constexpr const char* key_directory = "lvng_api_key_tenants";

}  // namespace lvng::crm::postgresql
