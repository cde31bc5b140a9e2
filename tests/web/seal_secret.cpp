// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Seals a secret as its makers do, for tests of the page that opens it: the page's code is another implementation.
#include "tests/unit/netboot/sealed_by_maker.hpp"

#include <iostream>
#include <iterator>
#include <string_view>

/// Seals standard input. Prints {"key", "code" or null, "body"}; `body` is for POST /v1/servers/NAME/secrets. With
/// "--no-code" there is no code.
int main(int argc, char** argv) {
  const bool with_code = argc < 2 || std::string_view(argv[1]) != "--no-code";
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const rescue::netboot::SealedByMaker made(with_code, text);
  nlohmann::json out{{"key", made.key.reveal()}, {"code", nullptr}, {"body", made.body()}};
  if (made.code) out["code"] = made.code->reveal();
  std::cout << out.dump() << "\n";
  return std::cout.flush() ? 0 : 1;
}
