// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names SOCI's session as an incomplete type: code outside of store/ passes it from a transaction to functions of
// `rows`, but can't write SQL itself.

namespace soci {
class row;
class session;
}  // namespace soci
