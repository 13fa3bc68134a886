from .explainer import RobustFineXL as RobustFineXL
from .explaining import Embedded as Embedded
from .explaining import explain_embedded as explain_embedded
from .settings import RobustSettings as RobustSettings
from .vocabulary import look_words as look_words
