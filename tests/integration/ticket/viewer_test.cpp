// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-viewer on a virtual X display, the real listener, and the console of a real QEMU. The guest is a boot sector
// that prints a line, shows each key and writes it to QEMU's debug port.
//
// RESCUE_SCREENSHOTS=FOLDER keeps screenshots of the viewer there.
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "credentials/ticket.hpp"
#include "orchestrator/ticket/tls_ticket_desk.hpp"
#include "tests/doubles/wait_until.hpp"
#include "tests/integration/access/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace rescue::tests {
namespace {

using net::literals::operator""_ip;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr domain::PortRange ports_of_tests{21248, 21503};
constexpr Milliseconds slow{120'000};  // QEMU without KVM on a busy machine

/// 16-bit code: prints the text, then each key, which goes to port 0xe9, too.
std::string boot_sector(const std::string& text) {
  std::string code("\x31\xc0\x8e\xd8\xbe\x1e\x7c"                  // xor ax,ax; mov ds,ax; mov si,text
                   "\xac\x08\xc0\x74\x06\xb4\x0e\xcd\x10\xeb\xf5"  // next: lodsb; or al,al; jz keys; print; jmp next
                   "\xb4\x00\xcd\x16\xe6\xe9\xb4\x0e\xcd\x10\xeb\xf4",  // keys: read; out 0xe9,al; print; jmp keys
                   30);
  code += text;
  code.resize(510, '\0');
  return code + "\x55\xaa";
}

Completed run_program(std::vector<std::string> argv) {
  return run({std::move(argv), {}, nullptr, Milliseconds(30'000), {}});
}

bool has_program(const std::string& name) { return run_program({"sh", "-c", "command -v \"$0\"", name}).status == 0; }

class Viewer : public ::testing::Test {
protected:
  void SetUp() override {
    for (const auto* const program : {"Xvfb", "xdotool", "import", "qemu-system-x86_64"}) {
      if (!has_program(program)) GTEST_SKIP() << program << " is not installed";
    }
    write_file_atomically(folder_ / "disk", boot_sector("RESCUE VM: the guest of the test. Type: "), 0600);
    qemu_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"qemu-system-x86_64", "-accel", "tcg", "-m", "32", "-nodefaults", "-vga", "std",
                                 "-display", "none", "-vnc", "unix:" + (folder_ / "console"), "-drive",
                                 "format=raw,snapshot=on,if=ide,file=" + (folder_ / "disk"), "-debugcon",
                                 "file:" + (folder_ / "keys"), "-monitor", "none"},
        folder_ / "qemu.log");
    // -displayfd: Xvfb chooses a free number and writes it when it is ready.
    screen_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"sh", "-c", "exec Xvfb -displayfd 3 -screen 0 1024x768x24 -nolisten tcp 3>\"$0\"",
                                 folder_ / "display"},
        folder_ / "xvfb.log");
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(folder_ / "console"); }, slow))
        << folder_.read("qemu.log");
    ASSERT_TRUE(wait_until([&] { return folder_.read("display").ends_with("\n"); }, slow)) << folder_.read("xvfb.log");
    auto number = folder_.read("display");
    number.pop_back();
    display_ = "DISPLAY=:" + number;
  }

  void open_ticket(bool ask_customer, domain::TicketRole role = domain::TicketRole::control) {
    domain::TicketOrder order;
    order.ask_customer = ask_customer;
    order.role = role;
    desk_.open({"web-01", {"127.0.0.1"_ip}, folder_ / "console", ports_of_tests}, order);
  }
  void start_viewer(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), RESCUE_VIEWER);
    viewer_ = std::make_unique<ChildProcess>(arguments, folder_ / "viewer.log",
                                             std::vector<std::string>{display_, "GDK_BACKEND=x11", "NO_AT_BRIDGE=1",
                                                                      "GTK_THEME=Adwaita", "HOME=" + folder_.path(),
                                                                      "XDG_RUNTIME_DIR=" + folder_.path()});
  }
  [[nodiscard]] std::string number() const { return std::string(desk_.number().reveal()); }
  [[nodiscard]] std::string port() const { return std::to_string(desk_.view().port); }

  [[nodiscard]] bool viewer_prints(const std::string& text) const {
    return wait_until([&] { return folder_.read("viewer.log").find(text) != std::string::npos; }, slow);
  }
  [[nodiscard]] Completed on_display(std::vector<std::string> argv) const {
    return run({std::move(argv), {}, nullptr, slow, {display_}});
  }
  void press(const std::vector<std::string>& what) const {
    const auto window = on_display({"xdotool", "search", "--sync", "--name", "Rescue viewer"}).out;
    ASSERT_NE(window, "");
    ASSERT_EQ(on_display({"xdotool", "windowfocus", "--sync", window.substr(0, window.find('\n'))}).status, 0);
    ASSERT_EQ(on_display(what).status, 0);
  }
  [[nodiscard]] std::string title() const {
    return on_display({"xdotool", "search", "--name", "Rescue viewer", "getwindowname"}).out;
  }
  /// Whether the middle of the viewer's window, where the console is, shows something.
  [[nodiscard]] bool console_is_drawn() const {
    const auto picture = folder_ / "console.png";
    if (on_display({"import", "-window", "root", "-crop", "700x400+40+120", picture}).status != 0) return false;
    return std::atoi(run_program({"identify", "-format", "%k", picture}).out.c_str()) > 1;
  }
  void keep_screenshot(const std::string& name) const {
    const auto* const folder = std::getenv("RESCUE_SCREENSHOTS");
    if (folder == nullptr) return;
    EXPECT_EQ(on_display({"import", "-window", "root", "-crop", "820x680+0+0", "+repage", "-colors", "64",
                          std::string(folder) + "/" + name})
                  .status,
              0);
  }

  TemporaryFolder folder_;
  std::string display_;
  SystemClock clock_;
  std::unique_ptr<ChildProcess> qemu_;
  std::unique_ptr<ChildProcess> screen_;
  ticket::TlsTicketDesk desk_{clock_};
  std::unique_ptr<ChildProcess> viewer_;
};

TEST_F(Viewer, ShowsTheGuestsConsoleAndItsKeysArrive) {
  open_ticket(true);
  start_viewer({"-ticket=" + number(), "-ipaddress=127.0.0.1", "-port=" + port(), "--name=anna"});
  ASSERT_TRUE(wait_until([&] { return desk_.view().asking.has_value(); }, slow)) << folder_.read("viewer.log");
  EXPECT_EQ(desk_.view().asking->name, "anna");
  EXPECT_THAT(title(), Not(HasSubstr("web-01"))) << "nothing is shown before the customer's yes";
  desk_.answer(desk_.view().asking->id, true);
  ASSERT_TRUE(viewer_prints("connected")) << folder_.read("viewer.log");
  EXPECT_THAT(title(), HasSubstr("web-01 at 127.0.0.1, port " + port()));
  EXPECT_TRUE(wait_until([&] { return console_is_drawn(); }, slow));

  // The guest reads keys only once its loader has started it.
  EXPECT_TRUE(wait_until(
      [&] {
        press({"xdotool", "type", "--delay", "60", "k"});
        return folder_.read("keys").find('k') != std::string::npos;
      },
      slow));
  press({"xdotool", "type", "--delay", "60", "help"});
  EXPECT_TRUE(wait_until([&] { return folder_.read("keys").ends_with("help"); }, slow)) << folder_.read("keys");
  keep_screenshot("rescue-viewer.png");
  EXPECT_THAT(folder_.read("viewer.log"), Not(HasSubstr(number())));
  const auto seen = run_program({"ps", "-o", "args=", "-p", std::to_string(viewer_->pid())}).out;
  EXPECT_THAT(seen, Not(HasSubstr(number()))) << "the ticket is hidden from other users of the machine";

  desk_.close("ended by the customer");
  EXPECT_TRUE(viewer_prints("session-over: ")) << folder_.read("viewer.log");
  EXPECT_THAT(title(), Not(HasSubstr("web-01")));
}

TEST_F(Viewer, WatchesOnly) {
  open_ticket(false, domain::TicketRole::view);
  write_file_atomically(folder_ / "inv32.xml", desk_.invitation().reveal(), 0600);
  start_viewer({folder_ / "inv32.xml"});
  ASSERT_TRUE(viewer_prints("connected")) << folder_.read("viewer.log");
  EXPECT_TRUE(wait_until([&] { return console_is_drawn(); }, slow));
  press({"xdotool", "type", "--delay", "60", "help"});
  EXPECT_EQ(folder_.read("keys").find("help"), std::string::npos);
}

TEST_F(Viewer, SaysWhichFieldIsWrong) {
  open_ticket(true);
  auto wrong = number();
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  const auto expect_message = [&](std::vector<std::string> arguments, const std::string& reason) {
    start_viewer(std::move(arguments));
    EXPECT_TRUE(viewer_prints(reason + ": ")) << folder_.read("viewer.log");
  };
  const auto ip = std::string("--ipaddress=127.0.0.1");
  expect_message({"--ticket=" + wrong, ip, "--port=" + port()}, "malformed-ticket");
  expect_message({"--ticket=" + number(), "--ipaddress=web-01", "--port=" + port()}, "malformed-address");
  expect_message({"--ticket=" + number(), ip, "--port=70000"}, "malformed-port");
  expect_message({"--ticket=" + number(), ip, "--port=1"}, "port-closed");
  expect_message({"--ticket=" + std::string(credentials::make_ticket().reveal()), ip, "--port=" + port()},
                 "unknown-ticket");
  keep_screenshot("rescue-viewer-form.png");
  EXPECT_EQ(desk_.view().wrong_tickets, 1U) << "only a well-formed ticket is sent";

  // Corrects the ticket in the form: it has the focus and its content is selected.
  press({"xdotool", "key", "ctrl+a"});
  press({"xdotool", "type", "--delay", "60", number()});
  press({"xdotool", "key", "Return"});
  EXPECT_TRUE(wait_until([&] { return desk_.view().asking.has_value(); }, slow)) << folder_.read("viewer.log");
  desk_.answer(desk_.view().asking->id, false);
  EXPECT_TRUE(viewer_prints("declined: ")) << folder_.read("viewer.log");
}

}  // namespace
}  // namespace rescue::tests
