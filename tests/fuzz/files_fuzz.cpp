// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Messages of rescue-files and its peer, and reparse points of a hostile disk. The first byte says which.
#include "core/disk/reparse_point.hpp"
#include "core/error.hpp"
#include "expect.hpp"
#include "orchestrator/files/protocol.hpp"
#include "orchestrator/files/volume_path.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rescue;
  using rescue::fuzz::expect;
  if (size == 0) return 0;
  const void* const place = data + 1;
  const std::string_view bytes(static_cast<const char*>(place), size - 1);
  try {
    switch (*data % 4) {
    case 0: {
      const auto request = files::decode_request(bytes);
      expect(files::encode(request).substr(files::length_bytes) == bytes, "a request is written as it was read");
      break;
    }
    case 1: {
      const auto answer = files::decode_answer(bytes);
      expect(files::decode_answer(files::encode(answer).substr(files::length_bytes)) == answer,
             "an answer is read back");
      break;
    }
    case 2:
      (void)disk::obstacle_of(disk::parse_reparse_point(bytes), true);
      break;
    default: {
      const auto path = files::parse_volume_path(bytes).path;
      expect(files::normalized(path) == path, "a path stays as it is");
      expect(path.find("..") == std::string::npos || files::is_local_name(path.substr(path.rfind('/') + 1)),
             "no path leads up");
    }
    }
  } catch (const Error&) {
  }
  return 0;
}
