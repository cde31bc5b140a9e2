// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/netbootctl.hpp"

int main(int argc, char** argv) { return rescue::netboot::cli::run(argc, argv, stdout, stderr); }
