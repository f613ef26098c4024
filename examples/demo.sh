#!/bin/sh
# The main job, offline: train, score, read, draw. Results go to demo/.
set -eu
cd "$(dirname "$0")/.."
rm -rf demo

echo "1. The network, layer by layer"
lenet info

echo
echo "2. Train it as published on scikit-learn's 1,400 embedded digits (20 passes), and score it"
lenet train --recipe 1998 --data digits --out demo/run
lenet evaluate --weights demo/run --data digits | head -14

echo
echo "3. Read the sample images with the shipped weights, trained on MNIST"
lenet read examples --figure demo/read.png

echo
echo "4. Draw the output of every layer for one of them"
lenet show examples/7-pencil-shadow.jpg --out demo/show

echo
echo "Results are in $(pwd)/demo:"
find demo -name '*.png' | sort
