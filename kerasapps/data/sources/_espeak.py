"""Speech of espeak-ng, from the wheel espeakng-loader, through its C interface (espeak-ng/speak_lib.h).

Run as a program of its own: the library carries some state from word to word and cannot be set back, so that only a
new process speaks the same words in the same way again; and what a fault in it ends is that process alone. This file
therefore imports nothing of kerasapps.

Standard input: JSON, a list of [text, voice, pitch, words a minute]. Standard output: little-endian, int32 samples a
second, then the int32 length of each sound, then all int16 samples.
"""

import ctypes
import json
import struct
import sys

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_RATE, _PITCH = 1, 3
_BY_CHARACTERS = 1
_UTF_8 = 1
_SEED = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    """Speak what standard input asks for; raises RuntimeError where the library refuses.

    voice: a language with a variant, such as en-us+f3. pitch: 0 to 100.
    """
    library, rate = _open()
    pieces: list[bytes] = []

    @_Callback
    def take(samples, number, _events):
        if samples and number > 0:
            pieces.append(ctypes.string_at(samples, 2 * number))
        return 0

    library.espeak_SetSynthCallback(take)
    sounds, current = [], ""
    for text, voice, pitch, words_a_minute in json.load(sys.stdin):
        pieces.clear()
        # Setting a voice takes as long as all else.
        failed = voice != current and library.espeak_SetVoiceByName(voice.encode())
        if failed or _synthesize(library, text, pitch, words_a_minute):
            raise RuntimeError(f"espeak-ng cannot say {text!r} with the voice {voice!r}")
        sounds.append(b"".join(pieces))
        current = voice
    sys.stdout.buffer.write(struct.pack(f"<{1 + len(sounds)}i", rate, *(len(sound) // 2 for sound in sounds)))
    sys.stdout.buffer.write(b"".join(sounds))


def _open() -> tuple[ctypes.CDLL, int]:
    """The library and its samples a second."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
    if rate <= 0:
        raise RuntimeError(f"espeak-ng cannot be initialized with {data.decode()}")
    library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))  # of the noise of breath; it would be the time
    return library, rate


def _synthesize(library: ctypes.CDLL, text: str, pitch: int, words_a_minute: int) -> int:
    """Speak to the callback; 0, or else what failed."""
    encoded = text.encode() + b"\0"
    return (
        library.espeak_SetParameter(_PITCH, pitch, 0)
        or library.espeak_SetParameter(_RATE, words_a_minute, 0)
        or library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, _BY_CHARACTERS, 0, _UTF_8, None, None)
    )


if __name__ == "__main__":
    main()
