"""Experiments that are scripts: several trainings, or an evaluation of their own."""

from experiments.claims.claim import Claim, Experiment
from experiments.claims.generated import FRECHET, distance_to, of_ring, seen, with_generated
from experiments.claims.measures import gain, mean_over_runs, of_first, score, training_seconds

accuracy = score("accuracy")
SCRIPTED = (
    Experiment("rnn_two_steps", claims=(Claim("test accuracy", accuracy, at_least=0.97),)),
    Experiment("rnn_ten_steps", claims=(Claim("test accuracy", accuracy, at_least=0.95),)),
    Experiment(
        "encoder_or_lstm_reviews",
        claims=(
            Claim("test accuracy of the encoder", of_first(accuracy)),
            Claim("test accuracy above that of the LSTM", gain),
        ),
        seeds=3,
    ),
    Experiment(
        "masked_language_model_python_packages",
        claims=(
            Claim("test accuracy, pretrained", of_first(accuracy), splits=True),
            Claim("test accuracy gained by pretraining", gain, at_least=0.03, splits=True),
        ),
    ),
    Experiment(
        "autoencoder_anomaly",
        claims=(Claim("test auc, mean of ten digits", mean_over_runs("auc"), at_least=0.95),),
        seeds=3,
    ),
    Experiment(
        "cnn_few_images",
        claims=(
            Claim("test accuracy on 200 images", with_generated(0)),
            Claim("test accuracy, 2,000 generated beside them", with_generated(2000)),
        ),
    ),
    Experiment(
        "gan_ring",
        claims=(
            Claim("modes of 8", of_ring(0), at_least=8),
            Claim("samples within 3 deviations of a mode", of_ring(1), at_least=0.9),
        ),
        seeds=3,
    ),
    Experiment(
        "gan_mnist_5k",
        claims=(
            Claim("Frechet distance in cnn features", seen(FRECHET)),
            Claim("digits covered", seen("covered_classes"), at_least=10),
            Claim("images of the digit asked for", seen("right_classes")),
        ),
        seeds=3,
    ),
    Experiment(
        "gan_fashion_mnist",
        claims=(
            Claim("Frechet distance in cnn features", seen(FRECHET)),
            Claim("that of a dense GAN", seen(FRECHET, 1)),
            Claim("that of a dense GAN, trained alike", seen(FRECHET, 2)),
            Claim("of DCGAN / of a dense GAN", distance_to(1), at_most=1 / 3),
            Claim("of DCGAN / of a dense GAN, trained alike", distance_to(2)),
            Claim("classes covered by DCGAN", seen("covered_classes"), at_least=10),
            Claim("seconds of training DCGAN", of_first(training_seconds), at_most=900),
        ),
        seeds=3,
    ),
)
