#include "support/people.hpp"
#include "support/postgresql_desk.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace lvng::crm;
using namespace lvng::crm::test;

TEST_SUITE("adapters.postgresql.statements") {

    TEST_CASE_FIXTURE(Desk, "every key and index has the tenant") {
        open().reset();
        const std::string ours = "t.relnamespace = (select relnamespace from pg_class where oid ="
                                 " 'lvng_migrations'::regclass) and t.relkind in ('r', 'p')";
        CHECK(client.run("select t.relname from pg_class t where " + ours +
                         " and t.relname not like 'lvng\\_%'") == "");
        CHECK(client.run("select i.indexrelid::regclass from pg_index i"
                         " join pg_class t on t.oid = i.indrelid where " +
                         ours +
                         " and not exists (select from pg_attribute a where a.attrelid = t.oid"
                         " and a.attnum = any(i.indkey) and a.attname = 'tenant_id') order by 1") ==
              "lvng_migrations_pkey\nlvng_api_key_tenants_pkey\n");
        CHECK(client.run("select t.relname from pg_class t where " + ours +
                         " and not exists (select from pg_constraint k where k.conrelid = t.oid"
                         " and k.contype = 'p')") == "");
        CHECK(client.run("select k.conname from pg_constraint k"
                         " join pg_class t on t.oid = k.conrelid"
                         " join pg_attribute a on a.attrelid = t.oid and a.attnum = k.conkey[1]"
                         " where " +
                         ours + " and k.contype = 'f' and a.attname <> 'tenant_id'") == "");
    }

    TEST_CASE_FIXTURE(Desk, "every prepared statement names its tenant") {
        auto crm = open({.pool_size = 1});
        const Contact jane = crm->contacts().create(
            ana(), {.name = "Jane", .email = "jane@x.org", .phone = "+1-555-0100", .tags = {"a"}});
        crm->contacts().update(ana(), jane.id, {.email = "j@x.org", .phone = "5"});
        refusal([&] { crm->contacts().create(ana(), {.name = "J", .email = "j@x.org"}); });
        static_cast<void>(crm->contacts().list(
            ana(), {.search = "j", .tags = {"a"}, .source = ContactSource::manual}, {.offset = 9}));
        static_cast<void>(crm->contacts().list(ana(), {}, {.limit = 1}));
        crm->contacts().each(ana(), {}, [](const Contact&) { return true; });
        static_cast<void>(crm->contacts().with_email(ana(), "j@x.org"));
        static_cast<void>(crm->contacts().with_phone(ana(), "5"));
        crm->users().remember({.tenant = ana().tenant, .user = ana().user, .name = "Ana"});
        static_cast<void>(crm->users().find(ana(), ana().user));
        crm->contacts().remove(ana(), jane.id);
        crm->transact(ana(), [&](Transaction& tx) {
            // Those that travel together, one by one.
            const std::string of_tables =
                " from (select regexp_split_to_table(statement, 'with s1 as \\(|, s[0-9]+ as \\("
                "|\\) (?=insert into |update )') as statement from pg_prepared_statements) s"
                " where statement ~ 'lvng_(?!migrations)'";
            CHECK(std::stoi(PostgresqlClient::run(handle(tx), "select count(*)" + of_tables)) >=
                  20);
            CHECK(
                PostgresqlClient::run(
                    handle(tx), "select statement" + of_tables +
                                    " and statement !~ '\\mtenant_id = \\$[0-9]+' and statement !~"
                                    " '^insert into lvng_\\w+ \\(tenant_id(, [^)]*)?\\)\\s+values "
                                    "\\(\\$[0-9]+[,)]'") == "");
        });
    }

    TEST_CASE_FIXTURE(Desk,
                      "what is about some contacts goes to them, what lists a book walks it") {
        auto crm = open({.pool_size = 1});
        const std::string user = ana().user.to_string();
        CHECK(client.run("insert into lvng_contacts select '" + ana().tenant.to_string() + "', '" +
                         user +
                         "', gen_random_uuid(), 'n', null, null, null, null, '', '', 'manual', '',"
                         " '', 0, 0, 1, 'n' || i, 'n', '', '', '' from generate_series(1, 5000) i;"
                         "insert into lvng_books values ('" +
                         ana().tenant.to_string() + "', '" + user +
                         "', 5000); analyze lvng_contacts") == "");
        Contacts& contacts = crm->contacts();
        const ContactId id =
            contacts.create(ana(), {.name = "J", .email = "j@x.org", .phone = "5"}).id;
        contacts.update(ana(), id, {.notes = "new"});
        static_cast<void>(contacts.get(ana(), id));
        static_cast<void>(contacts.with_email(ana(), "j@x.org"));
        static_cast<void>(contacts.with_phone(ana(), "5"));
        for (int time = 0; time < 3; ++time) {
            static_cast<void>(contacts.list(ana(), {.search = "n"}, {.limit = 50}));
            static_cast<void>(contacts.list(ana(), {.search = "j"}));
        }
        contacts.each(ana(), {.search = "j"}, [](const Contact&) { return true; });
        contacts.remove(ana(), id);

        crm->transact(ana(), [&](Transaction& tx) {
            const auto run = [&](const std::string& text) {
                return PostgresqlClient::run(handle(tx), text);
            };
            // The plan is the same for all values. What reads a whole book reads it as it likes.
            std::istringstream statements{
                run("select name || ' ' || cardinality(parameter_types) || ' ' ||"
                    " (statement like '%source <>%') from pg_prepared_statements"
                    " where statement ~ 'lvng_contacts' and statement !~ 'insert|sum|count|select "
                    "c.id, c.search_key'")};
            int one = 0;
            int all = 0;
            std::string name;
            std::string of_book;
            for (int values = 0; statements >> name >> values >> of_book;) {
                std::string nulls = "null";
                while (--values > 0) nulls += ", null";
                const std::string plan = run("explain execute " + name + '(' + nulls + ')');
                CAPTURE(run("select statement from pg_prepared_statements where name = '" + name +
                            '\''));
                CAPTURE(plan);
                const bool walks = plan.find("lvng_contacts_in_order") != std::string::npos;
                CHECK(walks == (of_book == "true"));
                CHECK(plan.find("Seq Scan") == std::string::npos);
                if (walks) CHECK(plan.find("Sort") == std::string::npos);
                ++(walks ? all : one);
            }
            CHECK(one >= 8);
            CHECK(all >= 2);
        });
    }
}
