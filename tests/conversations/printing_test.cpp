#include <lvng/crm/conversations/conversations.hpp>
#include <lvng/crm/conversations/members.hpp>
#include <lvng/crm/conversations/messages.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace lvng::crm;

namespace {

const ConversationId sprint{"conv_00000000-0000-7000-8000-000000000001"};
const MessageId hello{"msg_00000000-0000-7000-8000-000000000002"};
const MessageId reply{"msg_00000000-0000-7000-8000-000000000003"};
constexpr Timestamp noon{1'775'044'800'000};
constexpr Timestamp later{1'775'044'801'500};

}  // namespace

TEST_SUITE("conversations.printing") {

    TEST_CASE("a conversation is printed with every field") {
        const Conversation conversation{
            .id = sprint,
            .name = "Sprint \"7\"",
            .type = ConversationType::project,
            .description = " two\nlines ",
            .project_id = ProjectId{"proj_\"1\""},
            .parent_message_id = hello,
            .is_archived = true,
            .settings = JsonObject::parse(R"({ "pinned": [1, true] })"),
            .member_count = 3,
            .created_by = UserId{"usr_ana"},
            .created_at = noon,
            .updated_at = later,
        };
        CHECK(to_json(conversation) ==
              R"({"id":"conv_00000000-0000-7000-8000-000000000001","name":"Sprint \"7\"",)"
              R"("conversation_type":"project","description":" two\nlines ",)"
              R"("project_id":"proj_\"1\"",)"
              R"("parent_message_id":"msg_00000000-0000-7000-8000-000000000002",)"
              R"("is_archived":true,"settings":{"pinned":[1,true]},"member_count":3,)"
              R"("created_by":"usr_ana","created_at":"2026-04-01T12:00:00.000Z",)"
              R"("updated_at":"2026-04-01T12:00:01.500Z"})");
    }

    TEST_CASE("what a conversation lacks is null") {
        const Conversation conversation{.id = sprint,
                                        .type = ConversationType::direct,
                                        .member_count = 2,
                                        .created_by = UserId{"usr_ana"},
                                        .created_at = noon,
                                        .updated_at = noon};
        CHECK(to_json(conversation) ==
              R"({"id":"conv_00000000-0000-7000-8000-000000000001","name":null,)"
              R"("conversation_type":"direct","description":null,"project_id":null,)"
              R"("parent_message_id":null,"is_archived":false,"settings":{},"member_count":2,)"
              R"("created_by":"usr_ana","created_at":"2026-04-01T12:00:00.000Z",)"
              R"("updated_at":"2026-04-01T12:00:00.000Z"})");
    }

    TEST_CASE("a message is printed with every field") {
        const Message message{
            .id = reply,
            .conversation_id = sprint,
            .number = 2,
            .user_id = UserId{"twn_research"},
            .content = "Hi \\ \"there\"\n",
            .type = MessageType::twin,
            .parent_message_id = hello,
            .metadata = JsonObject::parse(R"({ "mentions": ["usr_ana"] })"),
            .created_at = noon,
            .updated_at = later,
            .edited_at = later,
        };
        CHECK(to_json(message) ==
              R"({"id":"msg_00000000-0000-7000-8000-000000000003",)"
              R"("conversation_id":"conv_00000000-0000-7000-8000-000000000001","number":2,)"
              R"("user_id":"twn_research","content":"Hi \\ \"there\"\n","message_type":"twin",)"
              R"("parent_message_id":"msg_00000000-0000-7000-8000-000000000002",)"
              R"("metadata":{"mentions":["usr_ana"]},"created_at":"2026-04-01T12:00:00.000Z",)"
              R"("updated_at":"2026-04-01T12:00:01.500Z",)"
              R"("edited_at":"2026-04-01T12:00:01.500Z","deleted_at":null})");
    }

    TEST_CASE("a tombstone says when it became one") {
        const Message message{.id = hello,
                              .conversation_id = sprint,
                              .number = 1,
                              .user_id = UserId{"usr_ana"},
                              .created_at = noon,
                              .updated_at = later,
                              .deleted_at = later};
        CHECK(to_json(message) ==
              R"({"id":"msg_00000000-0000-7000-8000-000000000002",)"
              R"("conversation_id":"conv_00000000-0000-7000-8000-000000000001","number":1,)"
              R"("user_id":"usr_ana","content":"","message_type":"user",)"
              R"("parent_message_id":null,"metadata":{},"created_at":"2026-04-01T12:00:00.000Z",)"
              R"("updated_at":"2026-04-01T12:00:01.500Z","edited_at":null,)"
              R"("deleted_at":"2026-04-01T12:00:01.500Z"})");
    }

    TEST_CASE("a member is printed behind what stands there already") {
        std::string out = "[";
        append_json(out, Member{.id = UserId{"agt_\"x\""},
                                .display_name = "Zoë \"Z\"",
                                .role = MemberRole::admin,
                                .type = MemberType::agent,
                                .joined_at = noon});
        CHECK(out == R"([{"id":"agt_\"x\"","display_name":"Zoë \"Z\"","role":"admin",)"
                     R"("member_type":"agent","joined_at":"2026-04-01T12:00:00.000Z"})");
    }

    TEST_CASE("words of the contract are read and printed") {
        for (const char* word : {"direct", "group", "project"}) {
            CHECK(to_string(parse_conversation_type(word).value()) == word);
        }
        for (const char* word : {"user", "twin", "agent"}) {
            CHECK(to_string(parse_member_type(word).value()) == word);
        }
        for (const char* word : {"member", "admin"}) {
            CHECK(to_string(parse_member_role(word).value()) == word);
        }
        for (const char* word : {"user", "twin", "agent", "system"}) {
            CHECK(to_string(parse_message_type(word).value()) == word);
        }
    }

    TEST_CASE("no other word is read") {
        for (const char* word : {"", "Group", "group ", "groups", "system", "owner"}) {
            CHECK_FALSE((parse_member_type(word) || parse_member_role(word)));
        }
        for (const char* word : {"", "Group", "group ", "groups", "channel"}) {
            CHECK_FALSE((parse_conversation_type(word) || parse_message_type(word)));
        }
    }
}
