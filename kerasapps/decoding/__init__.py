"""How texts are made, a token at a time: decoders that remember, sampling and beam search."""
