// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests the delivery of links by real netbootds to a real mail server, a webhook and a folder.
#include "core/base64.hpp"
#include "core/http/server.hpp"
#include "daemon_under_test.hpp"
#include "netboot/delivery/receivers.hpp"
#include "netboot/service/deliveries.hpp"
#include "netboot/service/servers.hpp"
#include "tests/doubles/mail_server.hpp"
#include "tests/doubles/wait_until.hpp"
#include "tests/unit/netboot/delivery/delivered.hpp"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <set>

namespace rescue::netboot {
namespace {

using nlohmann::json;
using tests::MailServer;
using tests::wait_until;

/// A provider's program that gets webhooks.
class Hook {
public:
  explicit Hook(unsigned refusals = 0) : refusals_(refusals) {
    http::Router router;
    router.add("POST", "/hook", [this](const http::Request& request) {
      const std::lock_guard lock(mutex_);
      http::Response response;
      if (refusals_ > 0) {
        --refusals_;
        response.status = 503;
      } else {
        requests_.push_back(request);
      }
      return response;
    });
    http::ServerOptions options;
    options.address = "127.0.0.1";
    server_ = std::make_unique<http::Server>(options, std::move(router));
    server_->start();
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook"; }
  [[nodiscard]] std::vector<http::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

private:
  mutable std::mutex mutex_;
  unsigned refusals_;
  std::vector<http::Request> requests_;
  std::unique_ptr<http::Server> server_;
};

class MailDelivery : public DaemonUnderTest {
protected:
  void SetUp() override {
    if (const auto why = MailServer::missing(); !why.empty()) GTEST_SKIP() << why;
    DaemonUnderTest::SetUp();
    mail_ = std::make_unique<MailServer>(in_folder("mail"));
    ASSERT_EQ(stop(), 0);
  }
  void TearDown() override {
    logged_.reset();
    store_.reset();
    mail_.reset();
    DaemonUnderTest::TearDown();
  }
  [[nodiscard]] static std::string quoted(const std::string& text) { return "'" + text + "'"; }
  [[nodiscard]] std::string mail_receiver() const {
    return "    mail: {kind: mail, server: localhost, port: " + std::to_string(mail_->port()) +
           ", ca_file: " + quoted(mail_->certificate()) + ", user: " + MailServer::user +
           ", password_file: " + quoted(mail_->password_file()) +
           ", from: 'Example Rescue <rescue@provider.example>', return_path: 'bounces+{id}@provider.example'}\n";
  }
  /// Starts netbootd with these receivers; its log goes to a file.
  void serve(const std::string& receivers) {
    configure(std::string(rescue_section) + "log: {level: debug}\nsecrets: {key_file: '" + key_file() +
              "'}\ndelivery:\n  provider: Example Hosting\n  support: https://help.provider.example\n"
              "  retry: {first: 500ms, longest: 2s}\n  receivers:\n" +
              receivers);
    start_logged();
    if (!store_) {
      store_ = std::make_unique<Store>(database_settings(), LeaseLimits{}, clock_);
      Servers(*store_).add(
          {ServerName::parse("web-01"), {MacAddress::parse("525400123456")}, Firmware::uefi, "", "", {}});
    }
  }
  void start_logged() {
    std::filesystem::create_directories(in_folder("logged"));
    logged_.emplace(
        config_file(), in_folder("logged"),
        std::vector<std::string>{"/bin/sh", "-c", R"(exec "$0" "$@" 2>>")" + in_folder("netbootd.log") + '"'});
  }
  [[nodiscard]] DatabaseSettings database_settings() const {
    DatabaseSettings settings(in_folder("db.sqlite"));
    if (!database().empty()) settings.url = RealPostgresql::shared().url(database());
    return settings;
  }
  [[nodiscard]] std::string key_file() const { return in_folder("secrets.key"); }
  [[nodiscard]] RunningNetbootd& running() { return *logged_; }

  /// Puts deliveries into the queue, as the netbootd that gets a link from a host agent does.
  std::vector<DeliveryRecord> enqueue(const AccessDelivery& access, const DeliveryRules& rules = mail_only()) {
    return Deliveries(*store_, key_file(), rules).enqueue(access);
  }
  [[nodiscard]] static DeliveryRules mail_only() { return {{{"mail", ReceiverKind::mail}}, {}}; }
  [[nodiscard]] AccessDelivery access(const std::string& link = sample_link) const {
    auto wanted = sample_access();
    wanted.facts.link = Secret(std::string_view(link));
    wanted.facts.link_expires = store_->now() + std::chrono::hours(24);
    wanted.facts.ends = store_->now() + std::chrono::hours(4);
    return wanted;
  }
  [[nodiscard]] json api(const std::string& method, const std::string& path, const std::string& body = {}) const {
    http::ClientOptions options;
    options.base_url = logged_->url();
    const auto response = http::Client(options, read_secret_file(token_file())).request(method, path, body);
    tests::record(method, path, body, response);
    return json::parse(response.body);
  }
  [[nodiscard]] json shown(const DeliveryRecord& record) const {
    return api("GET", "/v1/deliveries/d-" + std::to_string(record.id));
  }
  /// Waits until the delivery has this state. Returns it.
  [[nodiscard]] json awaited(const DeliveryRecord& record, const std::string& state) const {
    json now;
    EXPECT_TRUE(wait_until([&] {
      now = shown(record);
      return now["state"] == state;
    })) << now.dump(2);
    return now;
  }
  [[nodiscard]] std::string log() const { return read_file(in_folder("netbootd.log")); }

  SystemClock clock_;
  std::unique_ptr<MailServer> mail_;
  std::optional<RunningNetbootd> logged_;
  std::unique_ptr<Store> store_;
};

TEST_F(MailDelivery, ArrivesInTheCustomersLanguageAndLeavesNothingBehind) {
  serve(mail_receiver());
  const auto record = enqueue(access()).at(0);
  const auto sent = awaited(record, "sent");
  EXPECT_EQ(sent["result"], "250 2.0.0 kept as 1");
  EXPECT_EQ(sent["address"], "anna@customer.example");
  EXPECT_EQ(sent["attempts"], 1);
  ASSERT_EQ(mail_->count(), 1U);
  EXPECT_EQ(mail_->envelope(1)["from"], "bounces+" + record.tag + "@provider.example");
  EXPECT_EQ(mail_->envelope(1)["tls"], true);
  const auto mail = mail_->parsed(1);
  EXPECT_EQ(mail["headers"]["Subject"], "web-01: Ihr Rettungssystem ist bereit");
  ASSERT_EQ(mail["parts"].size(), 2U);
  for (const auto& part : mail["parts"]) {
    const auto text = part["text"].get<std::string>();
    EXPECT_NE(text.find(sample_link), std::string::npos) << text;
    EXPECT_NE(text.find("SHA256:aq0Qp2w8yNsV8l7ZqZQy3m3oB1uK8mJk5pWqVxYz0R4"), std::string::npos);
    EXPECT_NE(text.find("3a:5f:00"), std::string::npos);
    EXPECT_NE(text.find("ssh -l Administrator 203.0.113.7"), std::string::npos);
  }
  const std::string key(std::string_view(sample_link).substr(std::string_view(sample_link).find('#') + 1));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(in_folder(""))) {
    if (!entry.is_regular_file() || entry.path().string().starts_with(in_folder("mail"))) continue;
    const auto bytes = read_file(entry.path().string());
    EXPECT_EQ(bytes.find(key), std::string::npos) << entry.path() << " has the link's key";
    EXPECT_EQ(bytes.find("correct horse"), std::string::npos) << entry.path() << " has the mail server's password";
  }
  std::string box = "?";
  sql() << "SELECT box FROM deliveries WHERE id = :id", soci::use(record.id), soci::into(box);
  EXPECT_EQ(box, "");
}

TEST_F(MailDelivery, IsRetriedAfterGreylisting) {
  serve(mail_receiver());
  mail_->faults("greylist 2\n");
  const auto sent = awaited(enqueue(access()).at(0), "sent");
  EXPECT_EQ(sent["attempts"], 3);
  EXPECT_EQ(mail_->count(), 1U);
}

TEST_F(MailDelivery, FailsWithTheServersReasonForAnUnknownRecipient) {
  serve(mail_receiver());
  mail_->faults("unknown anna@customer.example\n");
  const auto failed = awaited(enqueue(access()).at(0), "failed");
  EXPECT_EQ(failed["result"], "550 5.1.1 no such mailbox here");
  EXPECT_EQ(failed["attempts"], 1) << "not retried";
}

TEST_F(MailDelivery, WaitsForAMailServerThatIsAway) {
  serve(mail_receiver());
  mail_->stop();
  const auto record = enqueue(access()).at(0);
  EXPECT_TRUE(wait_until([&] { return shown(record)["attempts"] >= 2; }));
  EXPECT_NE(shown(record)["result"].get<std::string>().find("can't be reached"), std::string::npos);
  mail_->start();
  (void)awaited(record, "sent");
  EXPECT_EQ(mail_->count(), 1U);
}

TEST_F(MailDelivery, WaitsForACorrectedPassword) {
  serve(mail_receiver());
  const auto right = read_file(mail_->password_file());
  write_file_atomically(mail_->password_file(), "hunter2\n", 0600);
  const auto record = enqueue(access()).at(0);
  EXPECT_TRUE(wait_until([&] { return shown(record)["attempts"] >= 1 && !shown(record)["result"].is_null(); }));
  EXPECT_NE(shown(record)["result"].get<std::string>().find("refuses the login"), std::string::npos);
  write_file_atomically(mail_->password_file(), right, 0600);
  (void)api("POST", "/v1/deliveries/d-" + std::to_string(record.id) + "/resend");
  (void)awaited(record, "sent");
}

TEST_F(MailDelivery, IsMadeAgainByTheNextNetbootdWhereOneWasKilledBeforeItsResult) {
  serve(mail_receiver());
  mail_->faults("silent 1\n");
  const auto record = enqueue(access()).at(0);
  ASSERT_TRUE(wait_until([&] { return mail_->count() == 1; }));
  EXPECT_EQ(running().stop(SIGKILL), 128 + SIGKILL);
  if (!database().empty()) {  // with several netbootds nobody knows that it is dead before its claim ends
    sql() << "UPDATE deliveries SET claimed_until_ms = 1";
  }
  start_logged();
  (void)awaited(record, "sent");
  EXPECT_EQ(mail_->count(), 2U) << "at least once";
  EXPECT_EQ(mail_->parsed(1)["headers"]["Message-ID"], mail_->parsed(2)["headers"]["Message-ID"]);
}

TEST_F(MailDelivery, StopsSoonWhileAMailServerIsSilent) {
  serve(mail_receiver());
  mail_->faults("silent 1\n");
  const auto record = enqueue(access()).at(0);
  ASSERT_TRUE(wait_until([&] { return mail_->count() == 1; }));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(running().stop(SIGTERM), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));
  start_logged();
  (void)awaited(record, "sent");
}

TEST_F(MailDelivery, ReachesOtherReceiversWhereOneFails) {
  Hook hook(1);
  std::filesystem::create_directory(in_folder("drop"));
  write_file_atomically(in_folder("hook.secret"), "shared\n", 0600);
  serve(mail_receiver() + "    panel: {kind: webhook, url: '" + hook.url() + "', secret_file: '" +
        in_folder("hook.secret") + "'}\n    helpdesk: {kind: drop-folder, folder: '" + in_folder("drop") + "'}\n");
  mail_->faults("silent 1\n");
  auto wanted = access();
  wanted.facts.connection.ticket = "123-456-789";
  wanted.facts.connection.addresses[0].viewer_port = 3390;
  const auto records = enqueue(
      wanted,
      {{{"mail", ReceiverKind::mail}, {"panel", ReceiverKind::webhook}, {"helpdesk", ReceiverKind::drop_folder}}, {}});
  ASSERT_EQ(records.size(), 3U);
  (void)awaited(records[2], "sent");
  EXPECT_EQ(awaited(records[1], "sent")["attempts"], 2) << "it was refused once";
  EXPECT_EQ(shown(records[0])["state"], "waiting");

  for (const auto* const ending : {"rdp", "known_hosts", "inv32.xml", "json"}) {
    struct stat status {};
    ASSERT_EQ(::stat((in_folder("drop/web-01.") + ending).c_str(), &status), 0) << ending;
    EXPECT_EQ(status.st_mode & 07777U, 0640U) << ending;
  }
  EXPECT_EQ(json::parse(read_file(in_folder("drop/web-01.json")))["user"], "Administrator");
  ASSERT_EQ(hook.requests().size(), 1U);
  const auto request = hook.requests().at(0);
  const auto timestamp = request.header("x-rescue-timestamp");
  EXPECT_EQ(request.header("x-rescue-signature"),
            "sha256=" + webhook_signature(Secret(std::string_view("shared")), timestamp, request.body));
  const auto body = json::parse(request.body);
  EXPECT_EQ(body["kind"], "access");
  EXPECT_EQ(body["connection"]["user"], "Administrator");
  EXPECT_FALSE(body.contains("link")) << "it is for the customer";
  EXPECT_FALSE(body.contains("code"));
  for (const auto& entry : std::filesystem::directory_iterator(in_folder("drop"))) {
    EXPECT_EQ(read_file(entry.path().string()).find("rescue.provider.example"), std::string::npos) << entry.path();
  }
}

TEST_F(MailDelivery, IsListedWithItsResultAndBounces) {
  serve(mail_receiver());
  const auto record = enqueue(access()).at(0);
  (void)awaited(record, "sent");
  const json bounce{{"return_path", "bounces+" + record.tag + "@provider.example"}, {"reason", "5.1.1 unknown user"}};
  EXPECT_EQ(api("POST", "/v1/bounces", bounce.dump())["state"], "bounced");
  const auto list = api("GET", "/v1/servers/web-01/deliveries");
  ASSERT_EQ(list["deliveries"].size(), 1U);
  EXPECT_EQ(list["deliveries"][0]["result"], "5.1.1 unknown user");
  const auto said = run({{NETBOOTCTL, "delivery", "list", "web-01"},
                         "",
                         nullptr,
                         Milliseconds(30'000),
                         {"NETBOOT_URL=" + running().url(), "NETBOOT_TOKEN_FILE=" + token_file()}});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_NE(said.out.find("bounced"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("anna@customer.example"), std::string::npos) << said.out;
  EXPECT_EQ(api("POST", "/v1/deliveries/d-" + std::to_string(record.id) + "/resend")["code"], "conflict");
  EXPECT_EQ(api("GET", "/v1/deliveries/d-4711")["code"], "not-found");
}

TEST_F(MailDelivery, IsSentOnceByTwoNetbootds) {
  if (database().empty()) GTEST_SKIP() << "several netbootds need PostgreSQL";
  serve(mail_receiver());
  std::filesystem::create_directory(in_folder("second"));
  const RunningNetbootd second(config_file(), in_folder("second"));
  constexpr std::size_t count = 12;
  std::vector<DeliveryRecord> records;
  for (std::size_t i = 0; i < count; ++i) {
    auto one = access("https://rescue.provider.example/s/" + std::to_string(i));
    one.session = "s-" + std::to_string(i);  // a later link of a session replaces the one before
    records.push_back(enqueue(one).at(0));
  }
  for (const auto& record : records) EXPECT_EQ(awaited(record, "sent")["attempts"], 1);
  EXPECT_EQ(mail_->count(), count);
  std::set<std::string> ids;
  for (std::size_t i = 1; i <= count; ++i) ids.insert(mail_->parsed(i)["headers"]["Message-ID"].get<std::string>());
  EXPECT_EQ(ids.size(), count);
}

TEST_F(MailDelivery, FollowsAReloadedConfiguration) {
  serve("    mail: {kind: mail, server: localhost, port: 1, from: rescue@provider.example}\n");
  const auto record = enqueue(access()).at(0);
  EXPECT_TRUE(wait_until([&] { return shown(record)["attempts"] >= 1; }));
  auto text = read_file(config_file());
  text.replace(text.find("    mail: {"), std::string::npos, mail_receiver());
  write_file_atomically(config_file(), text, 0600);
  ::kill(running().pid(), SIGHUP);
  (void)awaited(record, "sent");
}

}  // namespace
}  // namespace rescue::netboot
