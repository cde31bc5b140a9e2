// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/operation.hpp"

#include "core/error.hpp"
#include "netboot/store/migrations.hpp"

#include <fmt/format.h>

namespace rescue::netboot {

std::string Operation::fault_of_database() {
  try {
    store_.check();
    const auto schema = store_.schema();
    if (schema == newest_schema()) return {};
    return fmt::format("it has schema {}, and this netbootd knows {}", schema, newest_schema());
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace rescue::netboot
