// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libvirt/private_libvirt.hpp"

#include <gtest/gtest.h>

// These tests run in their own PID namespace, where LeakSanitizer's tracer can't attach.
extern "C" const char* __asan_default_options();                              // NOLINT: the sanitizer's name for it
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }  // NOLINT

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // ctest lists the tests first, which needs no libvirt.
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  return rescue::tests::in_private_host([] { return RUN_ALL_TESTS(); });
}
