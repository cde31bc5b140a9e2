# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
"""How Redfish services differ: what redfish-service can be told to behave like.

needs               keys that a change of Boot must have;  needs_status: the answer to one that has not
etag                of what can be changed: null, "strong", "weak";
                    "doubled": quoted twice, and takes the tag quoted once; "weak-refused": weak, and takes it strong;
                    "hidden": shown nowhere, and wanted; "useless": shown, and no If-Match is right
if_match            If-Match must be sent
settings            where changes of Boot are written: false: the system; true: pending settings, which it names;
                    "unannounced": pending settings, which only its refusal names; "empty": pending settings that show
                    nothing: what is set shows at the system
names_settings      Message and Resolution of that refusal;  settings_status: of the pending settings: other than 200
                    hides them, and changes are written to the system
mode_fixed          BootSourceOverrideMode belongs to the BIOS
ignores_mode        the mode that is sent is not taken
mode_falls_back     a change without BootSourceOverrideMode makes it Legacy
lasting             Continuous is known;  always_lasting: whatever is set is Continuous (OpenStack's emulator)
conflict            a reset type whose state is reached already is refused with this status
sessions            there are any;  sessions_refuse: [status, MessageId, Retry-After if any] for each login
gzip                "unasked": where Accept-Encoding is missing; "always": whatever it says
boot                shown as Boot, whatever it is;  targets: what Boot can be set to
manager             its status;  action_info_status: that of ActionInfo
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
