# Recipes for people who change Roost. `just` alone lists them.

default:
    @just --list

# everything on this machine alone
demo:
    cargo run --release -- demo

# the tests, as README says
test *args:
    ./tests/run {{args}}

# what a change must pass
ci:
    ./.ci/run

# the figures beside their limits
bench:
    cargo bench

# the documentation of the code
doc:
    cargo doc --no-deps --document-private-items --open
