// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bodies of requests, read with errors that are the caller's and name the field.

#include "core/document.hpp"
#include "core/error.hpp"

#include <string>
#include <string_view>

namespace rescue::netboot::api {

/// What a domain type says about its text, at the place in the body where the text stands.
template <class Parse>
auto parsed(const Field& field, Parse parse) {
  try {
    return parse(field.text());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    field.fail(error.what(), error.hint());
  }
}

/// Throws `usage` for a body in another encoding, which is named. `what`: what it was to be ("JSON"), for the error.
void require_utf8(const std::string& body, std::string_view what = {});

/// Throws `usage` where a text of the document holds a NUL: no database keeps one in all places.
void refuse_nul(const Document& document);

/// What is wrong in a body is the caller's mistake, not one of our configuration: `usage`, so that clients can tell.
/// What hosts say of themselves may hold NUL: whoever reads it makes it printable.
template <class Read>
auto read_body(const std::string& body, Read read, bool may_hold_nul = false) {
  try {
    require_utf8(body, "JSON");
    const auto document = Document::from_json("request body", body);
    if (!may_hold_nul) refuse_nul(document);
    return read(document.root());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::config_invalid) throw;
    throw Error(ErrorCode::usage, error.what(), error.hint());
  }
}

}  // namespace rescue::netboot::api
