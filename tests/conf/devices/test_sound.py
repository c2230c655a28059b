"""Sound cards: libvirt's models, vSphere's classes, VMX's keys."""

from dataclasses import replace

import libvirt
import pytest

from esxdriver import vmx
from esxdriver.conf.devices.sound import SoundDef, SoundModel
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.vmx.text import parsed
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.surface import class_of
from tests.conf.documents import domain, failing
from tests.hosting import created, reconfigured

MODELS = [
    # libvirt  vSphere                  VMX        written back
    ("ich6", "VirtualHdAudioCard", "hdaudio", "ich6"),
    ("ich7", "VirtualHdAudioCard", "hdaudio", "ich6"),
    ("ich9", "VirtualHdAudioCard", "hdaudio", "ich6"),
    ("es1370", "VirtualEnsoniq1371", "es1371", "es1370"),
    ("sb16", "VirtualSoundBlaster16", "sb16", "sb16"),
]
HEAD = 'config.version = "8"\nvirtualHW.version = "19"\ndisplayName = "web"\n'


def made(definition):
    return machine.read(created(plan_creation(match(None, definition), "[ds] a/a.vmx").spec))


@pytest.mark.parametrize(("model", "vim", "key", "again"), MODELS)
def test_a_model_is_vspheres_class_and_vmxs_word(model, vim, key, again):
    want = domain_xml.parse(domain(f"<sound model='{model}'/>"))
    have = made(want)
    assert [class_of(device) for definition, device in have.devices if isinstance(definition, SoundDef)] == [vim]
    assert f"<sound model='{again}'/>" in domain_xml.format(have.definition)
    assert parsed(vmx.to_native(want)).values["sound.virtualdev"] == key
    assert vmx.from_native(vmx.to_native(want)).sounds == want.sounds


@pytest.mark.parametrize("model", ["ac97", "pcspk", "usb"])
def test_a_model_that_vmware_has_not_is_refused_and_says_which_there_are(model):
    assert "ich6, es1370, sb16" in failing(domain(f"<sound model='{model}'/>"), libvirt.VIR_ERR_CONFIG_UNSUPPORTED)


def test_a_model_that_nobody_has_is_an_error_of_the_document():
    failing(domain("<sound model='loud'/>"), libvirt.VIR_ERR_XML_ERROR)


def test_a_domain_has_one_sound_card():
    failing(domain("<sound model='ich6'/><sound model='sb16'/>"), libvirt.VIR_ERR_CONFIG_UNSUPPORTED)


def test_a_card_is_changed_in_place_and_replaced_for_another_model():
    have = made(domain_xml.parse(domain("<sound model='ich6'/>")))
    (card,) = have.definition.sounds
    named = replace(have.definition, sounds=(replace(card, autodetect=False, name="/dev/dsp"),))
    assert [each.operation for each in plan_edit(match(have, named)).spec.deviceChange] == ["edit"]
    other = replace(have.definition, sounds=(replace(card, model=SoundModel.SB16),))
    assert [each.operation for each in plan_edit(match(have, other)).spec.deviceChange] == ["remove", "add"]
    edited = machine.read(reconfigured(have.config, plan_edit(match(have, other)).spec))
    assert edited.definition.sounds == other.sounds


FILES = [
    ('sound.present = "TRUE"\n', (SoundDef(model=SoundModel.ES1371),)),
    ('sound.present = "TRUE"\nsound.virtualDev = "hdaudio"\n', (SoundDef(model=SoundModel.HDAUDIO),)),
    (
        'sound.present = "TRUE"\nsound.fileName = "-1"\nsound.autodetect = "TRUE"\n',
        (SoundDef(model=SoundModel.ES1371),),
    ),
    ('sound.present = "FALSE"\nsound.virtualDev = "es1371"\n', ()),
    ('sound.present = "TRUE"\nsound.virtualDev = "gramophone"\n', ()),
]


@pytest.mark.parametrize(("keys", "sounds"), FILES)
def test_a_vmx_file_has_a_card_where_it_is_present(keys, sounds):
    definition = vmx.from_native(HEAD + keys)
    assert definition.sounds == sounds
    again = parsed(vmx.to_native(domain_xml.parse(domain_xml.format(definition)))).values
    assert {key: again.get(key) for key in parsed(HEAD + keys).values} == parsed(HEAD + keys).values
    assert "sound.filename" not in again or "sound.fileName" in keys
