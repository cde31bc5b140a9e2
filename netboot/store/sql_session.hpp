// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SOCI's session as a name only: code outside of store/ passes it on from a transaction to functions of
// `rows`, and can't write SQL itself, since the type is incomplete there.

namespace soci {
class row;
class session;
}  // namespace soci
