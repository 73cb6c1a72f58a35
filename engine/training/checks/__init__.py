"""Whether a network, its losses and its data suit each other, before it is trained.

What a loss needs is declared with it (`engine.declaration.loss_needs`), what an operation can give
too (`Op.bounds`): nothing here knows a kind by name.

Reading order: ``sample`` (a look at some rows), ``judged_loss`` (a loss, what arrives there, and
what it is called), ``remedies`` (edits that mend it), ``targets``, ``predictions``, ``sizes``
(unscaled data, saturated units), ``suitability`` (all of it).

Imports ``engine.data``, plans and the interpreter; training, the command line and the editor
import it.
"""
