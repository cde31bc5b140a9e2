// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The whole way of docs/console.md: a browser's WebSocket, a running netbootd, rescued's console agent, and a real
// QEMU.
#include "browser_under_test.hpp"
#include "host_agent_and_netbootd.hpp"
#include "orchestrator/boot/netboot_consoles.hpp"
#include "orchestrator/control/console_agent.hpp"
#include "screen_of_guest.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>

namespace rescue::tests {
namespace {

using nlohmann::json;

class ConsoleOfAServer : public HostAgentAndNetbootd {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(ScreenOfGuest::qemu)) GTEST_SKIP() << "QEMU is not installed";
    is_set_up_ = true;
    HostAgentAndNetbootd::SetUp();
    world_.settings.runtime_directory = in_folder("run");
    world_.settings.control_plane_hosts = {"127.0.0.1"};
    world_.network.names["127.0.0.1"] = {net::IpAddress::parse("127.0.0.1")};
    request_rescue(json::object());
    boot_into_rescue();
    screen_.emplace(in_folder("run"), in_folder("run") + "/guest/vnc/socket");
    start_rescued();
    wait([](const auto& view) { return view.record.phase == domain::Phase::serving; });
    start_console_agent();
  }
  void TearDown() override {
    if (!is_set_up_) return;
    console_agent_.reset();
    HostAgentAndNetbootd::TearDown();
    screen_.reset();
  }
  void start_console_agent() {
    console_agent_.reset();
    consoles_.emplace(url(), "", hand_over().agent_token().clone());
    control::ConsoleAgentSettings settings;
    settings.addresses_of_url = [](const std::string&) { return std::vector{net::IpAddress::parse("127.0.0.1")}; };
    console_agent_.emplace(*consoles_, *service_, settings);
    console_agent_->run();
  }
  [[nodiscard]] json pass(const std::string& role = "control") const {
    const auto response = as_admin("POST", "/v1/servers/web-01/consoles", json{{"role", role}}.dump());
    EXPECT_EQ(response.status, 201U) << response.body;
    return json::parse(response.body);
  }
  [[nodiscard]] static std::string proof(const json& made) { return "pass." + made.at("pass").get<std::string>(); }
  [[nodiscard]] static std::string resume(const json& hello) {
    return "resume." + hello.at("resume").get<std::string>();
  }
  [[nodiscard]] json listed() const { return json::parse(as_admin("GET", "/v1/servers/web-01/consoles").body); }
  /// Restarts netbootd on its port.
  void restart_netbootd(int signal) {
    const auto port = std::to_string(this->port());
    (void)stop(signal);
    auto text = read_file(config_file());
    text.replace(0, text.find('}'), "listen: {port: " + port);
    write_file_atomically(config_file(), text, 0600);
    start();
  }
  /// Resumes as the page does: again and again, for 60 s.
  [[nodiscard]] std::unique_ptr<Browser> resumed(const std::string& proof) {
    std::unique_ptr<Browser> browser;
    EXPECT_TRUE(becomes([&] {
      browser = std::make_unique<Browser>(url(), proof);
      try {
        return !browser->hello().is_null();
      } catch (const Error& error) {
        return error.code() != ErrorCode::unavailable && error.code() != ErrorCode::timeout;
      }
    }));
    return browser;
  }

  bool is_set_up_ = false;
  std::optional<ScreenOfGuest> screen_;
  std::optional<boot::NetbootConsoles> consoles_;
  std::optional<control::ConsoleAgent> console_agent_;
};

TEST_F(ConsoleOfAServer, ShowsTheScreenAndTakesKeys) {
  const auto made = pass();
  EXPECT_EQ(made["url"], "/console/web-01#" + made["pass"].get<std::string>());
  const auto began = std::chrono::steady_clock::now();
  Browser browser(url(), proof(made));
  const auto hello = browser.hello();
  EXPECT_EQ(hello["server"], "web-01");
  EXPECT_EQ(hello["role"], "control");
  EXPECT_EQ(hello["viewers"], json::array({{{"label", ""}, {"role", "control"}, {"you", true}}}));
  const auto size = browser.handshake();
  RecordProperty(
      "milliseconds_to_the_screen",
      static_cast<int>(std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began).count()));
  EXPECT_GE(size.first, 640U);
  const auto before = browser.picture();
  browser.type('h');
  browser.type('i');
  EXPECT_TRUE(becomes([&] { return screen_->typed() == "Rhi"; })) << screen_->typed();
  EXPECT_TRUE(becomes([&] { return browser.picture() != before; })) << "the guest has written them to its screen";
  EXPECT_EQ(listed()["viewers"].at(0)["address"], "127.0.0.1");
  Browser again(url(), proof(made));
  EXPECT_THROW((void)again.hello(), Error) << "once";
}

TEST_F(ConsoleOfAServer, ViewerSeesAndTypesNothing) {
  Browser viewer(url(), proof(pass("view")));
  EXPECT_EQ(viewer.hello()["role"], "view");
  viewer.handshake();
  viewer.type('v');
  const auto picture = viewer.picture();
  EXPECT_FALSE(picture.empty()) << "answered after the key: it was dropped, and nothing broke";
  Browser other(url(), proof(pass()));
  (void)other.hello();
  other.say({{"type", "label"}, {"text", "Anna <script>"}});
  const auto viewers = viewer.message("viewers", [](const json& text) {
    return text["viewers"].size() == 2 && text["viewers"][1]["label"] == "Anna <script>";
  });
  EXPECT_EQ(viewers["viewers"][0], (json{{"label", ""}, {"role", "view"}, {"you", true}}));
  EXPECT_EQ(viewers["viewers"][1]["you"], false);
  other.handshake();
  other.type('c');
  EXPECT_TRUE(becomes([&] { return screen_->typed().size() > 1; }));
  EXPECT_EQ(screen_->typed(), "Rc") << "the first viewer stayed, and its key did not arrive";
  EXPECT_FALSE(viewer.is_over());
}

TEST_F(ConsoleOfAServer, EndsWhenItIsRevoked) {
  const auto made = pass();
  Browser browser(url(), proof(made));
  const auto hello = browser.hello();
  browser.handshake();
  ASSERT_EQ(as_admin("DELETE", "/v1/consoles/" + made["id"].get<std::string>()).status, 204U);
  EXPECT_EQ(browser.message("ending")["reason"], "revoked");
  browser.ends();
  Browser again(url(), resume(hello));
  EXPECT_THROW((void)again.hello(), Error);
  EXPECT_TRUE(listed()["viewers"].empty());
  EXPECT_EQ(listed()["passes"].at(0)["state"], "revoked");
}

TEST_F(ConsoleOfAServer, EndsWithTheSession) {
  Browser browser(url(), proof(pass()));
  (void)browser.hello();
  browser.handshake();
  ASSERT_LT(as_admin("DELETE", "/v1/servers/web-01/rescue").status, 300U);
  EXPECT_EQ(browser.message("ending")["reason"], "session-ended");
  browser.ends();
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/consoles", "{}").status, 409U);
}

TEST_F(ConsoleOfAServer, IsResumedAfterTheBrowserBroke) {
  auto first = std::make_unique<Browser>(url(), proof(pass()));
  const auto hello = first->hello();
  first->handshake();
  first->close();
  const auto second = resumed(resume(hello));
  EXPECT_EQ(second->hello()["viewer"], hello["viewer"]);
  second->handshake();
  second->type('x');
  EXPECT_TRUE(becomes([&] { return screen_->typed() == "Rx"; }));
  // Resumed while the old connection is still there: that one ends.
  const auto third = resumed(resume(second->hello()));
  EXPECT_EQ(second->message("ending")["reason"], "replaced");
  third->handshake();
}

TEST_F(ConsoleOfAServer, IsResumedAfterNetbootdWasKilledAndStopped) {
  auto browser = std::make_unique<Browser>(url(), proof(pass()));
  auto hello = browser->hello();
  browser->handshake();
  for (const auto signal : {SIGKILL, SIGTERM}) {
    restart_netbootd(signal);
    browser->ends();
    EXPECT_FALSE(browser->has_message("ending")) << "a broken connection, not the end";
    browser = resumed(resume(hello));
    hello = browser->hello();
    browser->handshake();
  }
  browser->type('n');
  EXPECT_TRUE(becomes([&] { return screen_->typed() == "Rn"; }));
}

TEST_F(ConsoleOfAServer, BeginsAgainWhenTheGuestWasRestarted) {
  Browser browser(url(), proof(pass()));
  const auto hello = browser.hello();
  browser.handshake();
  const auto socket = in_folder("run") + "/guest/vnc/socket";
  screen_.reset();
  EXPECT_NE(browser.message("notice")["text"], "");
  browser.ends();
  EXPECT_FALSE(browser.has_message("ending"));
  const auto again = resumed(resume(hello));
  EXPECT_EQ(again->bytes_waiting(), 0U) << "there is no screen yet";
  screen_.emplace(in_folder("run"), socket);
  again->handshake();
  again->type('r');
  EXPECT_TRUE(becomes([&] { return screen_->typed() == "Rr"; }));
}

TEST_F(ConsoleOfAServer, BeginsAgainWhenRescuedWasRestarted) {
  Browser browser(url(), proof(pass()));
  const auto hello = browser.hello();
  browser.handshake();
  start_console_agent();
  browser.ends();
  EXPECT_FALSE(browser.has_message("ending"));
  const auto again = resumed(resume(hello));
  again->handshake();
  EXPECT_FALSE(again->picture().empty());
}

TEST_F(ConsoleOfAServer, EndsForABrowserThatDoesNotSpeakRfb) {
  Browser browser(url(), proof(pass()));
  (void)browser.hello();
  (void)browser.read(12);
  browser.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(browser.message("ending")["reason"], "protocol");
  browser.ends();
  EXPECT_TRUE(screen_->runs());
}

TEST_F(ConsoleOfAServer, TakesAPasteOfTwoThousandLines) {
  Browser browser(url(), proof(pass()));
  (void)browser.hello();
  browser.handshake();
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += std::string(79, 'x') + "\n";
  std::string message("\6\0\0\0", 4);
  for (const auto shift : {24U, 16U, 8U, 0U}) message += static_cast<char>(text.size() >> shift & 0xffU);
  message += text;
  constexpr std::size_t piece = 60'000;
  for (std::size_t at = 0; at < message.size(); at += piece) ASSERT_TRUE(browser.send(message.substr(at, piece)));
  browser.type('p');
  EXPECT_TRUE(becomes([&] { return screen_->typed() == "Rp"; })) << "the stream is whole behind it";
}

/// Resident memory of a process in MiB.
std::size_t memory_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    std::size_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib >> 10U;
  }
  return 0;
}

TEST_F(ConsoleOfAServer, SlowBrowsersAndFloodsDoNotGrowMemory) {
  const auto before = memory_of(pid());
  std::vector<std::unique_ptr<Browser>> slow;
  for (std::size_t i = 0; i < 4; ++i) {
    slow.push_back(std::make_unique<Browser>(url(), proof(pass())));
    (void)slow.back()->hello();
    slow.back()->handshake();
    slow.back()->pause();
    // Asks for a hundred pictures of a megabyte each, and reads none.
    std::string request("\3\0\0\0\0\0\2\xd0\1\x90", 10);
    for (int n = 0; n < 100; ++n) slow.back()->send(request);
  }
  Browser flood(url(), proof(pass()));
  (void)flood.hello();
  flood.handshake();
  const std::string moves(60'000, '\5');  // pointer events
  for (int i = 0; i < 200 && !flood.is_over(); ++i) (void)flood.send(moves);
  EXPECT_LT(memory_of(pid()), before + 32);
  EXPECT_TRUE(screen_->runs());
  Browser other(url(), proof(pass()));
  (void)other.hello();
  other.handshake();
  EXPECT_FALSE(other.picture().empty()) << "others go on";
}

TEST_F(ConsoleOfAServer, WorksWithARealVncViewer) {
  constexpr auto viewer = "/usr/bin/vncsnapshot";
  if (!std::filesystem::exists(viewer)) GTEST_SKIP() << "vncsnapshot is not installed";
  FileDescriptor listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  void* const place = &address;
  ASSERT_EQ(::bind(listening.get(), static_cast<sockaddr*>(place), size), 0);
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  ASSERT_EQ(::getsockname(listening.get(), static_cast<sockaddr*>(place), &size), 0);
  http::WebSocketTarget target;
  target.base_url = url();
  target.path = "/v1/console";
  target.subprotocols = {"rescue-console", proof(pass())};
  std::jthread bridge([&](const std::stop_token& stop) {
    FileDescriptor client(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
    (void)http::pump_websocket(target, Secret(), std::move(client), stop);
  });
  Command command;
  const auto port = ntohs(address.sin_port);
  command.argv = {viewer, "-quiet", "127.0.0.1:" + std::to_string(static_cast<int>(port) - 5900),
                  in_folder("screen.jpg")};
  const auto done = run(command);
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_GT(std::filesystem::file_size(in_folder("screen.jpg")), 1'000U);
}

/// Two netbootds on one PostgreSQL: the browser is at the second, and the host waits at the first.
class ConsoleOfTwoNetbootds : public ConsoleOfAServer {
protected:
  void SetUp() override {
    if (const auto why = netboot::RealPostgresql::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<netboot::RealPostgresql>();
    database_ = server_->fresh_database();
    ConsoleOfAServer::SetUp();
    if (!is_set_up_) return;
    const auto folder = in_folder("second");
    ASSERT_TRUE(std::filesystem::create_directory(folder));
    const auto port = std::to_string(free_port());
    auto text = read_file(config_file());
    text = "listen: {port: " + port + "}\n" + text.substr(text.find("database:")) +
           "console: {relay_url: 'http://127.0.0.1:" + port + "'}\n";
    write_file_atomically(folder + "/netbootd.yaml", text, 0600);
    second_ = std::make_unique<netboot::RunningNetbootd>(folder + "/netbootd.yaml", folder);
  }
  void TearDown() override {
    second_.reset();
    ConsoleOfAServer::TearDown();
  }
  [[nodiscard]] std::string database_section() const override {
    return "database: {url: '" + server_->url(database_) + "', connections: 4}\n";
  }
  static int free_port() {
    const FileDescriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    void* const place = &address;
    (void)::bind(probe.get(), static_cast<sockaddr*>(place), size);
    (void)::getsockname(probe.get(), static_cast<sockaddr*>(place), &size);
    return ntohs(address.sin_port);
  }

  std::unique_ptr<netboot::RunningNetbootd> second_;

private:
  std::unique_ptr<netboot::RealPostgresql> server_;
  std::string database_;
};

TEST_F(ConsoleOfTwoNetbootds, HostDialsTheOneThatHasTheBrowser) {
  Browser browser(second_->url(), proof(pass()));
  const auto hello = browser.hello();
  browser.handshake();
  browser.type('2');
  EXPECT_TRUE(becomes([&] { return screen_->typed() == "R2"; }));
  Browser viewer(url(), proof(pass("view")));
  (void)viewer.hello();
  (void)browser.message("viewers", [](const json& text) { return text["viewers"].size() == 2; });
  viewer.handshake();
  // The second one dies: the browser resumes at the first.
  second_.reset();
  browser.ends();
  const auto again = resumed(resume(hello));
  again->handshake();
  again->type('1');
  EXPECT_TRUE(becomes([&] { return screen_->typed() == "R21"; }));
}

}  // namespace
}  // namespace rescue::tests
