// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/metrics/counters.hpp"
#include "netboot/service/idempotency.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <thread>

namespace rescue::netboot::api {
namespace {

class Idempotency : public ApiUnderTest {
protected:
  http::Response add(const std::string& key, const std::string& name = "web-01", const std::string& token = {}) {
    return ask(token.empty() ? admin_ : token, "POST", "/v1/servers", {{"name", name}, {"macs", {"52:54:00:00:00:01"}}},
               {{"idempotency-key", key}});
  }
  static std::string header(const http::Response& response, const std::string& wanted) {
    for (const auto& [name, value] : response.headers) {
      if (name == wanted) return value;
    }
    return {};
  }
  int audited() { return static_cast<int>(body_of(as_admin("GET", "/v1/audit"))["entries"].size()); }
};

TEST_F(Idempotency, GivesTheSameAnswerAgain) {
  const auto first = add("key-1");
  ASSERT_EQ(first.status, 201U) << first.body;
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "rescue-windows"}}).status, 200U);
  for (const auto* const key : {"key-1", "\"key-1\""}) {
    const auto again = add(key);
    EXPECT_EQ(again.status, 201U);
    EXPECT_EQ(again.body, first.body) << "as it was then";
    EXPECT_EQ(again.content_type, first.content_type);
    EXPECT_EQ(header(again, "Location"), "/v1/servers/web-01");
    EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
  }
  EXPECT_EQ(audited(), 2) << "an answer that is given again is no change";
}

TEST_F(Idempotency, RefusesAKeyThatWasUsedForSomethingElse) {
  ASSERT_EQ(add("key-1").status, 201U);
  EXPECT_EQ(add("key-1", "web-02").status, 422U);
  const auto elsewhere =
      as_admin("POST", "/v1/servers/web-01/power", {{"name", "web-01"}, {"macs", {"52:54:00:00:00:01"}}},
               {{"idempotency-key", "key-1"}});
  EXPECT_EQ(elsewhere.status, 422U);
}

TEST_F(Idempotency, TakesTheQueryForAPartOfTheRequest) {
  const json servers = json::array({{{"name", "web-01"}, {"macs", {"52:54:00:00:00:01"}}}});
  const auto import_with = [&](const std::string& key, const std::string& type = "application/json") {
    return as_admin("POST", "/v1/servers:import", servers, {{"idempotency-key", key}, {"content-type", type}});
  };
  query_ = {{"dry_run", "true"}};
  ASSERT_EQ(import_with("key-1").status, 200U);
  EXPECT_EQ(header(import_with("key-1"), "Idempotency-Replayed"), "true");
  query_ = {{"dry_run", "true"}, {"update", "true"}};
  EXPECT_EQ(import_with("key-1").status, 422U);
  query_ = {};
  EXPECT_EQ(import_with("key-1").status, 422U) << "it would have been a dry run again";
  ASSERT_EQ(import_with("key-2").status, 200U);
  EXPECT_EQ(import_with("key-2", "application/yaml").status, 422U);
  query_ = {{"dry_run", "false"}};
  EXPECT_EQ(import_with("key-2").status, 422U);
  query_ = {};
  EXPECT_EQ(body_of(as_admin("GET", "/v1/servers"))["servers"].size(), 1U);
}

TEST_F(Idempotency, KeepsTheKeysOfTokensApart) {
  ASSERT_EQ(add("key-1").status, 201U);
  EXPECT_EQ(add("key-1", "web-01", token_with_identity("p")).status, 409U) << "it is carried out, and there is one";
}

TEST_F(Idempotency, LetsWhatHasFailedBeTriedAgain) {
  servers().add(server_named("db-01"));
  EXPECT_EQ(add("key-1").status, 409U) << "the MAC address is another's";
  servers().remove(ServerName::parse("db-01"));
  EXPECT_EQ(add("key-1").status, 201U);
}

TEST_F(Idempotency, IsNotForgottenAfterTheChangeWasMade) {
  servers().add(server_named("web-01"));
  ASSERT_NO_THROW(put_bmc(web_, BmcEndpoint{"192.0.2.1", 623, "operator", 17, "sealed"}));
  options_.wake = [] { throw Error(ErrorCode::unavailable, "the database is away, just after the task was begun"); };
  make();
  const auto cycle = [&] {
    return as_admin("POST", "/v1/servers/web-01/power", {{"action", "cycle"}}, {{"idempotency-key", "key-1"}});
  };
  ASSERT_EQ(cycle().status, 503U) << "the caller does not know what became of it";
  options_.wake = {};
  make();
  ASSERT_EQ(as_admin("POST", "/v1/tasks/t-1/cancel").status, 200U) << "so that it stands in nobody's way";
  const auto again = cycle();
  EXPECT_EQ(again.status, 409U) << again.body;
  EXPECT_NE(again.body.find("was carried out"), std::string::npos) << again.body;
  EXPECT_EQ(as_admin("GET", "/v1/tasks/t-2").status, 404U) << "the power is not cycled a second time";
}

TEST_F(Idempotency, KeepsItsKeyWhenTheAnswerCouldNotBeKept) {
  servers().add(server_named("web-01"));
  ASSERT_NO_THROW(put_bmc(web_, BmcEndpoint{"192.0.2.1", 623, "operator", 17, "sealed"}));
  // The database refuses to store the answer, but not the change.
  auto database = sql();
  if (on_postgresql()) {
    database << "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN RAISE EXCEPTION ''no''; END'";
    database
        << "CREATE TRIGGER refuse BEFORE UPDATE OF body ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION refuse()";
  } else {
    database << "CREATE TRIGGER refuse BEFORE UPDATE OF body ON idempotency_keys"
                " BEGIN SELECT RAISE(ABORT, 'no'); END";
  }
  const auto cycle = [&] {
    return as_admin("POST", "/v1/servers/web-01/power", {{"action", "cycle"}}, {{"idempotency-key", "key-1"}});
  };
  EXPECT_EQ(cycle().status, 202U) << "it was accepted, and the caller hears of it";
  ASSERT_EQ(as_admin("POST", "/v1/tasks/t-1/cancel").status, 200U);
  EXPECT_EQ(cycle().status, 409U);
  EXPECT_EQ(as_admin("GET", "/v1/tasks/t-2").status, 404U);
}

TEST_F(Idempotency, ForgetsAfterADay) {
  ASSERT_EQ(add("key-1").status, 201U);
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(add("key-1").status, 201U);
  clock_.advance(Milliseconds(1));
  EXPECT_EQ(add("key-1").status, 409U) << "carried out anew";
}

TEST_F(Idempotency, IsNoOfferWhereTheAnswerIsASecret) {
  for (const auto* const path :
       {"/v1/tokens", "/v1/servers/web-01/agent-token", "/v1/servers/web-01/rescue/credentials"}) {
    const auto refused = as_admin("POST", path, {{"name", "x"}, {"role", "panel"}}, {{"idempotency-key", "k"}});
    EXPECT_EQ(refused.status, 400U) << path;
    EXPECT_NE(refused.body.find("secret"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(body_of(as_admin("GET", "/v1/tokens"))["tokens"].size(), 1U);
}

TEST_F(Idempotency, RefusesMalformedKeys) {
  for (const std::string& key : {std::string(), std::string("\"\""), std::string("a b"), std::string(256, 'x')}) {
    EXPECT_EQ(add(key).status, 400U) << key;
  }
}

TEST_F(Idempotency, AnswersThatARequestIsStillAtWork) {
  IdempotencyKeys keys(store());
  const KeyedRequest request{"1", "key", "POST", "/v1/servers", "hash"};
  EXPECT_EQ(keys.begin(request).state, KeyState::ours);
  EXPECT_EQ(keys.begin(request).state, KeyState::running);
  keys.keep(request, {201, "application/json", {{"Location", "/x"}}, "{}"});
  const auto answered = keys.begin(request);
  EXPECT_EQ(answered.state, KeyState::answered);
  EXPECT_EQ(answered.answer.status, 201U);
  EXPECT_EQ(answered.answer.headers.at(0).second, "/x");
  keys.forget(request);
  EXPECT_EQ(keys.begin(request).state, KeyState::answered) << "what was answered is not forgotten";
}

/// Each thread has its own store, like replicas on one database.
TEST_F(Idempotency, BelongsToOneOfManyStoresThatBeginAtOnce) {
  const auto errors = counters().database_errors.load();
  std::array<std::unique_ptr<Store>, 4> stores;
  for (auto& one : stores) one = std::make_unique<Store>(settings(), LeaseLimits{}, clock_);
  for (int round = 0; round < 20; ++round) {
    const KeyedRequest request{"1", std::to_string(round), "POST", "/v1/servers", "hash"};
    std::array<std::future<KeyState>, 4> begun;
    std::transform(stores.begin(), stores.end(), begun.begin(), [&request](const auto& one) {
      return std::async(std::launch::async, [&] { return IdempotencyKeys(*one).begin(request).state; });
    });
    int ours = 0;
    for (auto& state : begun) {
      const auto found = state.get();
      if (found == KeyState::ours) ++ours;
      EXPECT_TRUE(found == KeyState::ours || found == KeyState::running);
    }
    EXPECT_EQ(ours, 1);
  }
  EXPECT_EQ(counters().database_errors.load(), errors) << "who is second is no fault of the database's";
}

TEST_F(Idempotency, LetsOneOfManyThroughAtOnce) {
  std::atomic<int> created{0};
  std::atomic<int> others{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto response = add("key-1");
      const bool replayed = !header(response, "Idempotency-Replayed").empty();
      if (response.status == 201 && !replayed) ++created;
      if (response.status == 409 || replayed) ++others;
    });
  }
  threads.clear();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(others, 7);
}

}  // namespace
}  // namespace rescue::netboot::api
