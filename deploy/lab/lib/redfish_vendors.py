# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
"""Differences between Redfish services: the profiles of redfish-service.

needs               keys that a change of Boot must have;  needs_status: status of the answer without them
etag                of writable resources: null, "strong", "weak";
                    "doubled": quoted twice, accepted quoted once; "weak-refused": weak, accepted as a strong one;
                    "hidden": required but never sent; "useless": sent, but no If-Match is accepted
if_match            If-Match must be sent
settings            resource for changes of Boot: false: the system; true: pending settings, which it names;
                    "unannounced": pending settings, which only its refusal names; "empty": pending settings that
                    stay empty: the system shows the changes
names_settings      Message and Resolution of that refusal;  settings_status: of the pending settings: other than 200
                    hides them, and changes are written to the system
mode_fixed          BootSourceOverrideMode belongs to the BIOS
ignores_mode        a BootSourceOverrideMode in a change is ignored
mode_falls_back     a change without BootSourceOverrideMode sets it to Legacy
lasting             Continuous is supported;  always_lasting: every change is Continuous (OpenStack's emulator)
conflict            status of the refusal of a reset type whose state is reached already; 0: no refusal
sessions            sessions are supported;  sessions_refuse: [status, MessageId, Retry-After if any] for each login
gzip                "unasked": without Accept-Encoding; "always": ignores Accept-Encoding
boot                fixed value of Boot in answers;  targets: values that Boot accepts
manager             status of the manager;  action_info_status: that of ActionInfo
"""

GENERIC = {
    "vendor": "Contoso", "product": "Contoso BMC", "id": "1", "more": [], "sessions": True, "settings": False,
    "etag": None, "if_match": False, "needs": [], "mode_fixed": False, "lasting": True, "action_info": False,
    "oem": {}, "allowable": True, "conflict": 0, "mode_falls_back": False, "always_lasting": False, "ignores_mode": False,
    "sessions_refuse": None, "gzip": "", "boot": Ellipsis, "manager": 200,
    "needs_status": 400, "settings_status": 200, "action_info_status": 200,
    "names_settings": ["Send the PATCH to /redfish/v1/Systems/1/SD, the future state.", ""],
    "targets": {"None": "none", "Pxe": "pxe", "Hdd": "default"},
}
PROFILES = {
    "generic": {},
    "lab": {"lasting": False},
    "bare": {"allowable": False, "vendor": ""},
    "without-sessions": {"sessions": False},
    "two-systems": {"more": ["Node2"], "id": "Node1"},
    "supermicro": {"vendor": "Supermicro", "product": "X12", "oem": {"Supermicro": {}}, "etag": "weak",
                   "needs": ["BootSourceOverrideEnabled"]},
    "ami": {"vendor": "AMI", "product": "AMI Redfish Server", "id": "Self", "settings": True, "etag": "strong",
            "if_match": True,
            "needs": ["BootSourceOverrideEnabled", "BootSourceOverrideTarget", "BootSourceOverrideMode"]},
    "asrockrack": {"vendor": "", "product": "", "manufacturer": "ASRockRack", "id": "Self", "etag": "weak",
                   "if_match": True,
                   "needs": ["BootSourceOverrideEnabled", "BootSourceOverrideTarget", "BootSourceOverrideMode"]},
    "hpe": {"vendor": "HPE", "product": "ProLiant DL360 Gen10", "oem": {"Hpe": {}}, "mode_fixed": True,
            "etag": "weak", "conflict": 409},
    "dell": {"vendor": "Dell", "product": "Integrated Dell Remote Access Controller", "id": "System.Embedded.1",
             "action_info": True, "lasting": False, "conflict": 409},
}
