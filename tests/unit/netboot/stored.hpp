// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A store in a folder of its own with a clock that the test advances, and servers to put into it.

#include "core/error.hpp"
#include "netboot/store/store.hpp"
#include "tests/doubles/fake_clock.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace rescue::netboot {

inline Server server_named(const std::string& name, const std::string& mac = "52:54:00:00:00:01") {
  return {ServerName::parse(name), {MacAddress::parse(mac)}, Firmware::uefi, "", "", {}};
}

inline LeaseRequest rescue_for(Milliseconds time_to_live, LeasePolicy policy = LeasePolicy::until_finished) {
  return {BootMode::rescue_windows, policy, time_to_live, "admin", "a test"};
}

/// The code of the Error that `action` throws.
inline ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

class Stored : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "rescue netboot XXXXXX";  // with spaces: paths may have them
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    open();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    store_.reset();
    store_ = std::make_unique<Store>(path(), LeaseLimits{}, clock_);
  }
  [[nodiscard]] std::string path() const { return folder_ + "/netbootd.sqlite"; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] BootMode boot(const std::string& mac = "52:54:00:00:00:01", bool count = true) {
    return store().boot(MacAddress::parse(mac), count).value().mode;
  }

  tests::FakeClock clock_;
  std::string folder_;
  std::unique_ptr<Store> store_;
  const ServerName web_ = ServerName::parse("web-01");
};

}  // namespace rescue::netboot
